"""How long something takes."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from statistics import fmean, quantiles


@dataclass(frozen=True)
class Timing:
    """Milliseconds; zeros when nothing could be timed."""

    count: int
    average: float
    p50: float
    p95: float
    p99: float


def whole(call: Callable[[], object]) -> float:
    """Do the call; the milliseconds that it took."""
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1000


def measure(calls: Sequence[Callable[[], object]], times: int, tick: Callable[[], object],
            clock: Callable[[Callable[[], object]], float] = whole) -> Timing:
    """Do the calls in turn, `times` of them in all, and each once before that, unmeasured; `tick` after each.

    `clock` does a call and says how long what is measured of it took.
    """
    for call in calls:
        call()
    return timing([once(call, tick, clock) for call in islice(cycle(calls), times)])


def once(call: Callable[[], object], tick: Callable[[], object],
         clock: Callable[[Callable[[], object]], float]) -> float:
    taken = clock(call)
    tick()
    return taken


def timing(taken: Sequence[float]) -> Timing:
    """What `taken`, in milliseconds, comes to."""
    if not taken:
        return Timing(0, 0.0, 0.0, 0.0, 0.0)
    percentiles = quantiles(taken, n=100, method="inclusive") if len(taken) > 1 else [taken[0]] * 99
    return Timing(len(taken), fmean(taken), percentiles[49], percentiles[94], percentiles[98])
