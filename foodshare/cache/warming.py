"""Warming: what will be asked for soon is loaded before anybody asks, after a deploy or a refresh for instance.

It need not hear of invalidations: each value is loaded under a lease, as a reader's, and what may be stale by then
cannot be stored. What is there and fresh is left alone, so that it may be interrupted and run again.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from django.utils.module_loading import import_string
from redis import Redis

from foodshare.cache import aside
from foodshare.cache.keys import (
    BLOCKED_BY,
    GLOBAL_FEED,
    GROUP_SUMMARY,
    PROFILE,
    REPUTATION,
    ROOM_MESSAGES,
    USER_FEED,
    Pattern,
)
from foodshare.cache.server import ask
from foodshare.exceptions import Missing

RATE = 200.0  # values a second: the database has others to serve
BATCH = 200  # keys that are looked at together
Step = Callable[[str, int, int], object]  # of which pattern how many of how many are done


@dataclass(frozen=True)
class Filler:
    """Which values of a pattern to load: `lister` names the function that is given how many ids, and returns those that
    are most likely asked for, the likeliest first. How long they are kept is the pattern's."""

    pattern: Pattern
    lister: str
    most: int

    def ids(self, limit: int | None) -> Sequence[Any]:
        listed: Sequence[Any] = import_string(self.lister)(self.most if limit is None else min(limit, self.most))
        return listed


def the_only_one(most: int) -> list[str]:
    """The id of a pattern that has one key."""
    return [""][:most]


LATELY_SEEN = "foodshare.presence.lately_seen"
# What most people share comes first.
FILLERS = {each.pattern.name: each for each in (
    Filler(GLOBAL_FEED, "foodshare.cache.warming.the_only_one", 1),
    Filler(GROUP_SUMMARY, "groups.queries.rankings.most_active_groups", 500),
    Filler(ROOM_MESSAGES, "groups.queries.rankings.busiest_rooms", 200),
    Filler(PROFILE, LATELY_SEEN, 2000),
    Filler(BLOCKED_BY, LATELY_SEEN, 2000),
    Filler(REPUTATION, LATELY_SEEN, 1000),
    Filler(USER_FEED, LATELY_SEEN, 1000),
)}


@dataclass
class Warmed:
    """What was done for a pattern: of the `listed` ids some values were fresh, others loaded and stored, and the rest
    passed over, as they are gone, were changed in this moment, or are being loaded by somebody else."""

    pattern: str
    listed: int
    fresh: int = 0
    loaded: int = 0
    passed: int = 0

    @property
    def done(self) -> int:
        return self.fresh + self.loaded + self.passed


class Pace:
    """Lets no more than so many a second go on, evenly."""

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic,
                 sleep: Callable[[float], object] = time.sleep) -> None:
        self.seconds, self.clock, self.sleep, self.next = 1.0 / rate, clock, sleep, clock()

    def wait(self) -> None:
        now = self.clock()
        if now < self.next:
            self.sleep(self.next - now)
        self.next = max(self.next, now) + self.seconds


def warm(fillers: Iterable[Filler], pace: Pace, limit: int | None = None, step: Step = lambda *_: None) -> list[Warmed]:
    """Load what is likely asked for, of each filler no more than `limit`. Raises Away, and what loading raises."""
    return [fill(filler, pace, limit, step) for filler in fillers]


def fill(filler: Filler, pace: Pace, limit: int | None, step: Step) -> Warmed:
    ids = filler.ids(limit)
    result = Warmed(filler.pattern.name, len(ids))
    for batch in batches(ids):
        stale = [id for id, is_fresh in zip(batch, are_fresh(filler.pattern, batch), strict=True) if not is_fresh]
        result.fresh += len(batch) - len(stale)
        for id in stale:
            pace.wait()
            if loads(filler.pattern, id):
                result.loaded += 1
            else:
                result.passed += 1
            step(result.pattern, result.done, result.listed)
        step(result.pattern, result.done, result.listed)
    return result


def loads(pattern: Pattern, id: Any) -> bool:
    """Load a value; tells whether it was stored."""
    try:
        return aside.warm(pattern, id)
    except Missing:
        return False


def batches(ids: Sequence[Any]) -> Iterator[list[Any]]:
    left = iter(ids)
    while batch := list(islice(left, BATCH)):
        yield batch


def are_fresh(pattern: Pattern, ids: Sequence[Any]) -> list[bool]:
    """Of each whether Valkey holds a value that need not be loaded anew. Raises Away."""
    now = time.time()
    return [until is not None and float(until) > now for until in ask(partial(fresh_until, pattern, ids))]


def fresh_until(pattern: Pattern, ids: Sequence[Any], server: "Redis") -> list[bytes | None]:
    pipeline = server.pipeline(transaction=False)
    for id in ids:
        pipeline.hget(pattern.key(id), "fresh_until")
    found: list[bytes | None] = pipeline.execute()
    return found
