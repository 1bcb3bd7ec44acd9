"""How soon after a commit nobody uses the old value any more, while others write."""

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from itertools import chain, cycle
from uuid import UUID

from django.conf import settings
from django.db import connections
from redis import Redis

from foodshare.cache import aside, reader
from foodshare.cache.keys import PROFILE
from foodshare.cache.listener import Listener
from foodshare.cache.local import Local
from foodshare.cache.server import ask
from ops.benchmarks.cache import access
from ops.benchmarks.cache.access import Bare, in_threads
from ops.benchmarks.cache.place import Crew, Report
from ops.benchmarks.sheet import Sheet
from ops.benchmarks.timer import Timing, timing

STEP = "invalidation"
AIM = 50.0  # ms
LOOK = 0.002  # seconds between two looks at a key: to look more often would keep busy what is measured
PROBERS, WRITERS = 2, 4  # threads
PATIENCE = 10.0  # seconds
SETTLED = 0.2  # seconds after which the last message was heard


class Recorder(Local):
    """A process' tier that keeps when it was first told of each key, in monotonic seconds."""

    def __init__(self) -> None:
        super().__init__(most=1)
        self.heard: dict[str, float] = {}

    def drop(self, keys: Iterable[str]) -> None:
        now = time.monotonic()
        for key in keys:
            self.heard.setdefault(key, now)


@dataclass(frozen=True)
class Probe:
    """When a key's change was committed, and when its value was gone from Valkey."""

    key: str
    committed: float
    gone: float


@dataclass(frozen=True)
class Latency:
    """Milliseconds from the commit, until the value is gone from Valkey and until each process has heard of it."""

    writes: int
    processes: int
    valkey: Timing
    heard: Timing
    bare: Timing
    missed: int

    @property
    def verdicts(self) -> dict[str, bool]:
        p99 = max(self.valkey.p99, self.heard.p99)
        return {f"p99 of invalidation under {AIM:g} ms": self.missed == 0 and p99 < AIM}

    @property
    def sheet(self) -> Sheet:
        rows = [[name, f"{found.count:,}", f"{found.p50:.1f}", f"{found.p95:.1f}", f"{found.p99:.1f}"]
                for name, found in (("gone from Valkey", self.valkey),
                                    (f"heard by each of {self.processes} processes", self.heard),
                                    ("bare django-redis: deleted by the writer", self.bare))]
        return Sheet(f"From commit to invalidation, in ms, while {self.writes} others are written a second",
                     ("", "times", "p50", "p95", "p99"), rows)


class Meanwhile:
    """Threads of this process that write until told to end."""

    def __init__(self, rate: float) -> None:
        self.ended = threading.Event()
        self.threads = [threading.Thread(target=self.write, args=(WRITERS / rate, n)) for n in range(WRITERS)]
        for thread in self.threads:
            thread.start()

    def write(self, pause: float, number: int) -> None:
        for id in cycle(access.people()[len(access.people()) // 2 + number::WRITERS]):
            if self.ended.wait(pause):
                break
            access.update(id, time.time_ns())
        connections.close_all()

    def end(self) -> None:
        self.ended.set()
        for thread in self.threads:
            thread.join()


_listeners: list[Listener] = []
_writers: list[Meanwhile] = []


def measure(crew: Crew, writes: int, probes: int, rounds: int, report: Report) -> Latency:
    """`writes` are those of others a second; `probes` is their number in each round."""
    kept: list[Probe] = []
    bare: list[float] = []
    crew.each(begin_hearing)
    crew.start(len(crew.processes) - 1, begin_writing, writes).result()
    for number in range(rounds):
        report(STEP, number, rounds)
        kept += crew.one(probe, probes, number)
        bare += crew.one(probe_bare, probes)
    crew.start(len(crew.processes) - 1, end_writing).result()
    heard = crew.each(end_hearing)
    report(STEP, rounds, rounds)
    waits = [(told[each.key] - each.committed) * 1000 for told in heard for each in kept if each.key in told]
    return Latency(writes, len(heard), timing([(each.gone - each.committed) * 1000 for each in kept]), timing(waits),
                   timing(bare), len(kept) * len(heard) - len(waits))


def begin_hearing() -> None:
    access.ready()
    made = Listener(settings.REDIS_URL, Recorder())
    made.start()
    _listeners.append(made)
    while not made.is_trusted:
        time.sleep(0.01)


def end_hearing() -> dict[str, float]:
    """When this process was told of which key."""
    time.sleep(SETTLED)
    ended = _listeners.pop()
    ended.stop()
    assert isinstance(ended.tier, Recorder)  # noqa: S101 - tells mypy what begin_hearing made
    return ended.tier.heard


def begin_writing(rate: int) -> None:
    _writers.append(Meanwhile(rate))


def end_writing() -> None:
    _writers.pop().end()


def probe(count: int, turn: int) -> list[Probe]:
    """Change the profiles of so many people, other ones each turn, that are kept."""
    mine = access.people()[turn * count:(turn + 1) * count]
    return [*chain(*in_threads(PROBERS, lambda n: [probe_one(id) for id in mine[n::PROBERS]]))]


def probe_one(id: UUID) -> Probe:
    """Raises TimeoutError."""
    key, deadline = PROFILE.key(id), time.monotonic() + PATIENCE
    reader.nobody()
    aside.get(PROFILE, id)
    access.update(id, time.time_ns())
    committed = time.monotonic()
    while ask(partial(has_value, key)):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{key} was not made invalid")
        time.sleep(LOOK)
    return Probe(key, committed, time.monotonic())


def has_value(key: str, server: "Redis") -> bool:
    return bool(server.hexists(key, "value"))


def probe_bare(count: int) -> list[float]:
    """Milliseconds from each of so many commits until the value is deleted."""
    kept = Bare()
    return [*chain(*in_threads(PROBERS, lambda n: [
        probe_bare_one(kept, id) for id in access.people()[:count][n::PROBERS]]))]


def probe_bare_one(kept: Bare, id: UUID) -> float:
    kept.read(id)
    access.update(id, time.time_ns())
    committed = time.monotonic()
    kept.forget(id)
    return (time.monotonic() - committed) * 1000
