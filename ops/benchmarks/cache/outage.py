"""What reads take while Valkey does not answer or is gone, and how soon the cache is used again afterwards."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from itertools import chain

from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

from ops.benchmarks.cache import access
from ops.benchmarks.cache.access import Access, Bare, Nothing, Ours, in_threads
from ops.benchmarks.cache.place import Crew, Report
from ops.benchmarks.sheet import Sheet
from ops.benchmarks.timer import Timing, timing
from ops.benchmarks.valkeys import OwnValkey

STEP = "Valkey away"
AIM = 10.0  # seconds until the cache is used again
THREADS, PAUSE = 8, 0.01  # threads that read, and seconds between two reads of one
HOT = 100  # profiles that are read
PATIENCE = 60.0  # seconds
# With the time limits of requests, where document B's would have each wait for seconds.
STYLES: dict[str, Callable[[], Access]] = {"off": Nothing, "ours": Ours, "bare": partial(Bare, "requests")}


PARTS = (("cache switched off", "off", "up"), ("foodshare.cache, Valkey up", "ours", "up"),
         ("foodshare.cache, Valkey paused", "ours", "paused"), ("foodshare.cache, Valkey killed", "ours", "killed"),
         ("bare django-redis, Valkey up", "bare", "up"), ("bare django-redis, Valkey paused", "bare", "paused"),
         ("bare django-redis, Valkey killed", "bare", "killed"))


@dataclass(frozen=True)
class Waits:
    """What reads took, in ms, and how many failed."""

    timing: Timing
    longest: float
    failed: int


@dataclass(frozen=True)
class Outage:
    """`back` is how many seconds after Valkey did a read of each kind needed no database."""

    seconds: float
    waits: dict[str, Waits]
    back: dict[str, float]

    @property
    def verdicts(self) -> dict[str, bool]:
        failed = sum(waits.failed for name, waits in self.waits.items() if not name.startswith("bare"))
        return {"no read fails while Valkey is away": failed == 0,
                f"used again within {AIM:g} s": max(self.back.values()) < AIM}

    @property
    def sheet(self) -> Sheet:
        rows = [[name, f"{waits.timing.count:,}", f"{waits.timing.p50:.1f}", f"{waits.timing.p99:.1f}",
                 f"{waits.longest:.0f}", f"{waits.failed:,}",
                 f"{self.back[name]:.1f}" if name in self.back else "–"] for name, waits in self.waits.items()]
        return Sheet(f"Reads of {THREADS} threads in ms, {self.seconds:g} s of each",
                     ("", "reads", "p50", "p99", "longest", "failed", "hits again after, s"), rows)


def measure(crew: Crew, valkey: OwnValkey, seconds: float, report: Report) -> Outage:
    found = Outage(seconds, {}, {})
    for number, (name, style, state) in enumerate(PARTS):
        report(STEP, number, len(PARTS))
        crew.one(access.ready)
        with STATES[state](valkey):
            found.waits[name] = crew.one(reads, style, seconds)
        if state != "up":
            found.back[name] = crew.one(until_hit, style)
    report(STEP, len(PARTS), len(PARTS))
    return found


@contextmanager
def killed(valkey: OwnValkey) -> Iterator[None]:
    valkey.kill()
    try:
        yield
    finally:
        valkey.start()


STATES: dict[str, Callable[[OwnValkey], AbstractContextManager[None]]] = {
    "up": lambda valkey: nullcontext(), "paused": OwnValkey.paused, "killed": killed}


def reads(style: str, seconds: float) -> Waits:
    """What requests meet that follow each other closely in some threads."""
    kept, until = STYLES[style](), time.monotonic() + seconds
    parts = in_threads(THREADS, lambda number: read_until(kept, until))
    taken = [*chain(*(waits for waits, _ in parts))]
    return Waits(timing(taken), max(taken), sum(failed for _, failed in parts))


def read_until(kept: Access, until: float) -> tuple[list[float], int]:
    """The milliseconds that each read took, and how many failed."""
    chance, taken, failed = random.Random(), [], 0  # noqa: S311 - chance, not a secret
    while time.monotonic() < until:
        person, id = chance.choices(access.people()[:HOT], k=2)
        start = time.monotonic()
        try:
            kept.serve(person)
            kept.read(id)
        except (RedisError, ConnectionInterrupted):
            failed += 1
        taken.append((time.monotonic() - start) * 1000)
        time.sleep(PAUSE)
    return taken, failed


def until_hit(style: str) -> float:
    """Seconds until a read needs no database. Raises TimeoutError."""
    kept, start = STYLES[style](), time.monotonic()
    while time.monotonic() < start + PATIENCE:
        before = access.loads()
        with suppress(RedisError, ConnectionInterrupted):
            kept.serve(access.people()[1])
            kept.read(access.people()[0])
            if access.loads() == before:
                return time.monotonic() - start
        time.sleep(PAUSE)
    raise TimeoutError("the cache is not used again")
