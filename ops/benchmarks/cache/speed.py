"""How many reads a second one thread does, of each tier."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from statistics import median
from typing import Any

from foodshare.cache import aside, reader, store
from foodshare.cache.keys import PROFILE
from foodshare.cache.local import local
from ops.benchmarks.cache import access
from ops.benchmarks.cache.access import COUNTED, Bare
from ops.benchmarks.cache.place import Crew, Report
from ops.benchmarks.sheet import Sheet, spread

Rates = dict[str, float]
STEP = "reads a second"
HOT = 100  # keys that are read again and again
LASTING = replace(COUNTED, local=600.0)
PASSING = replace(COUNTED, local=0.0)  # kept in Valkey only
LOCAL, VALKEY, PARSED = "in this process", "in Valkey", "in Valkey, parsed"
MISS, LOAD, KNOWN = "in neither: loaded and kept", "loaded, nothing kept", "what a person wrote (once a request)"


@dataclass(frozen=True)
class Speed:
    """Reads a second in each round, by where the value is; those of bare django-redis where it has the like."""

    reads: int
    ours: dict[str, list[float]]
    bare: dict[str, list[float]]

    @property
    def verdicts(self) -> dict[str, bool]:
        return {}

    @property
    def sheet(self) -> Sheet:
        rows = [[name, spread(found), spread(self.bare[name]) if name in self.bare else "–",
                 f"{median(found) / median(self.bare[name]):.2f}" if name in self.bare else "–"]
                for name, found in self.ours.items()]
        return Sheet(f"Reads a second of one thread, up to {self.reads:,} of each kind a round",
                     ("the value is", "foodshare.cache", "bare django-redis", "ratio"), rows)


def measure(crew: Crew, reads: int, rounds: int, report: Report) -> Speed:
    ours: dict[str, list[float]] = {}
    bare: dict[str, list[float]] = {}
    for number in range(rounds):
        report(STEP, number, rounds)
        for found, new in zip((ours, bare), crew.one(one_round, reads), strict=True):
            for name, rate in new.items():
                found.setdefault(name, []).append(rate)
    report(STEP, rounds, rounds)
    return Speed(reads, ours, bare)


def one_round(reads: int) -> tuple[Rates, Rates]:
    """Of foodshare.cache and of django-redis."""
    access.ready()
    reader.nobody()
    kept, everybody = Bare(), access.people()
    cold = random.sample(everybody, min(reads // 10 + 1, len(everybody)))
    hot = (everybody[:HOT] * (reads // HOT + 1))[:reads]
    local.clear()
    store.remove(PROFILE.every)
    kept.cache.delete_many(map(kept.key, cold))
    ours: Rates = {}
    bare: Rates = {}
    ours[MISS] = rate(partial(aside.get, PASSING), cold)
    bare[MISS] = rate(kept.read, cold)
    ours[LOAD] = rate(partial(aside.loaded, COUNTED), cold)
    for id in everybody[:HOT]:
        aside.get(PASSING, id)
        kept.read(id)
    ours[VALKEY] = rate(partial(aside.get, PASSING), hot)
    ours[PARSED] = rate(partial(aside.value, PASSING), hot)
    bare[VALKEY] = bare[PARSED] = rate(kept.cache.get, [kept.key(id) for id in hot])
    ours[LOCAL] = rate(partial(aside.get, LASTING), hot)
    ours[KNOWN] = rate(reader.person, hot)
    order = (LOCAL, VALKEY, PARSED, MISS, LOAD, KNOWN)
    return {name: ours[name] for name in order}, bare


def rate(read: Callable[[Any], object], ids: Sequence[object]) -> float:
    start = time.perf_counter()
    for id in ids:
        read(id)
    return len(ids) / (time.perf_counter() - start)
