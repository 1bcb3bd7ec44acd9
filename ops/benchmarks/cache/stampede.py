"""How often one value is loaded that many threads want at once, of several processes, and nobody has."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.core.cache import caches

from foodshare.cache import aside, reader
from foodshare.cache.keys import Pattern
from ops.benchmarks.cache import access
from ops.benchmarks.cache.access import NAMES
from ops.benchmarks.cache.place import Crew, Report
from ops.benchmarks.sheet import Sheet, spread

STEP = "stampede"
LOAD = 0.1  # seconds that a load takes
LEAD = 0.5  # seconds for all threads to start
SLOW = Pattern("slow", "benchmark:slow:{}", f"{__name__}.slow", "ops", 60)

_loads = 0
_lock = threading.Lock()


@dataclass(frozen=True)
class Rush:
    """How many loads there were, and the seconds that the last thread waited."""

    loads: int
    longest: float


@dataclass(frozen=True)
class Stampede:
    processes: int
    threads: int
    rounds: dict[str, list[Rush]]

    @property
    def verdicts(self) -> dict[str, bool]:
        return {f"one load for {self.threads} threads": all(each.loads == 1 for each in self.rounds["ours"])}

    @property
    def sheet(self) -> Sheet:
        rows = [[NAMES[style], spread([each.loads for each in found]), spread([each.longest for each in found], ".2f")]
                for style, found in self.rounds.items()]
        return Sheet(f"Stampede: {self.threads} threads of {self.processes} processes want one value that nobody has "
                     f"and that takes {LOAD:g} s to load", ("", "loads", "longest wait, s"), rows)


def measure(crew: Crew, threads: int, rounds: int, report: Report) -> Stampede:
    processes = len(crew.processes)
    shares = [threads * (n + 1) // processes - threads * n // processes for n in range(processes)]
    found: dict[str, list[Rush]] = {"ours": [], "bare": []}
    for number in range(rounds):
        for style, rushes in found.items():
            report(STEP, number, rounds)
            crew.each(access.ready)
            key, at = f"{style}{time.time_ns()}", time.monotonic() + LEAD
            parts = [crew.start(n, rush, style, key, share, at) for n, share in enumerate(shares) if share]
            done = [part.result() for part in parts]
            rushes.append(Rush(sum(each.loads for each in done), max(each.longest for each in done)))
    report(STEP, rounds, rounds)
    return Stampede(processes, threads, found)


def rush(style: str, key: str, threads: int, at: float) -> Rush:
    """Have this process' share of the threads ask at that moment."""
    before = _loads
    read: Callable[[], object] = partial(aside.get, SLOW, key)
    if style == "bare":
        read = partial(caches["default"].get_or_set, key, partial(slow, key), SLOW.lifetime)
    waits = access.in_threads(threads, lambda number: wait_for(read, at))
    return Rush(_loads - before, max(waits))


def wait_for(read: Callable[[], object], at: float) -> float:
    """Read at that moment; the seconds that it took."""
    reader.nobody()
    access.wait_until(at)
    read()
    return time.monotonic() - at


def slow(key: str) -> str:
    global _loads
    with _lock:
        _loads += 1
    time.sleep(LOAD)
    return key
