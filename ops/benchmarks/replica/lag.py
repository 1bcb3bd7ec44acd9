"""How far standbys are behind, looked at all the time."""

import threading
import time
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg

from ops.benchmarks.replica.servers import FLUSHED, REPLAYED, Replicated, number
from ops.benchmarks.timer import Timing, timing
from ops.servers.process import Server

EVERY = 0.01  # seconds between two looks
BARS = "▁▂▃▄▅▆▇█"
WIDTH = 40  # of a chart, in bars


@dataclass
class Behind:
    """One standby: at moments of the monotonic clock, how many seconds ago the primary had no more than it shows."""

    moments: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    @property
    def most(self) -> float:
        return max(self.seconds, default=0.0)

    @property
    def milliseconds(self) -> Timing:
        return timing([each * 1000 for each in self.seconds])

    @property
    def chart(self) -> str:
        """The most of each of WIDTH spans of time; the highest bar is the most of all."""
        return "".join(BARS[round(each / (self.most or 1.0) * (len(BARS) - 1))] for each in spans(self.seconds))


def spans(values: Sequence[float]) -> list[float]:
    """The greatest of each of WIDTH parts, or of fewer if there are not as many."""
    count = min(WIDTH, len(values))
    return [max(values[n * len(values) // count:(n + 1) * len(values) // count]) for n in range(count)]


@dataclass
class Log:
    """Where the primary's log ended, by when that was seen."""

    moments: list[float] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)

    def add(self, moment: float, end: int) -> None:
        self.moments.append(moment)
        self.ends.append(end)

    def behind(self, replayed: int, moment: float) -> float:
        """The seconds since the log's end was last seen at or before what a standby replayed."""
        place = bisect_right(self.ends, replayed)
        if place == len(self.ends):
            return 0.0
        return moment - self.moments[max(place - 1, 0)]


class Watch(threading.Thread):
    """Looks at the servers, until told to stop. One that does not answer is passed over."""

    def __init__(self, servers: Replicated, stopped: threading.Event) -> None:
        super().__init__(name="lag", daemon=True)
        self.servers, self.stopped = servers, stopped
        self.log = Log()
        self.found = {standby.name: Behind() for standby in servers.standbys}
        self.connections: dict[str, psycopg.Connection[Any]] = {}

    def run(self) -> None:
        with ExitStack() as stack:
            primary = stack.enter_context(self.servers.connect(self.servers.primary))
            while not self.stopped.wait(EVERY):
                self.log.add(time.monotonic(), number(primary, FLUSHED))
                for standby in self.servers.standbys:
                    self.look(standby, stack)

    def look(self, standby: Server, stack: ExitStack) -> None:
        with suppress(psycopg.Error):
            known = self.connections.get(standby.name)
            if known is None or known.closed:
                known = self.connections[standby.name] = stack.enter_context(self.servers.connect(standby))
            replayed, moment = number(known, REPLAYED), time.monotonic()
            self.found[standby.name].moments.append(moment)
            self.found[standby.name].seconds.append(self.log.behind(replayed, moment))


@contextmanager
def watched(servers: Replicated) -> Iterator[dict[str, Behind]]:
    """How far each standby is behind while the block runs, by its name."""
    stopped = threading.Event()
    watch = Watch(servers, stopped)
    watch.start()
    try:
        yield watch.found
    finally:
        stopped.set()
        watch.join()
