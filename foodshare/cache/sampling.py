"""A share of the hits is compared with the database: how stale the cache is, is measured and not assumed.

Of CACHE_CHECKED hits one, at random, is looked at by a thread of its own; no request waits for it, and where hits come
faster than it looks they pass by. A difference alone tells nothing: the change may be younger than the hit, or on its
way. The hit counts as stale only if the very same entry is still served once everything has been delivered that was
committed by the comparison. Of a pattern whose values change with time as well such a hit counts as drifted.
"""

import logging
import os
import random
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from queue import Empty, Full, Queue
from typing import Any

import orjson
from django.conf import settings
from django.db import connections

from foodshare.cache import store
from foodshare.cache.keys import Pattern
from foodshare.cache.listener import listener
from foodshare.cache.local import local
from foodshare.cache.server import Away
from foodshare.cache.statistics import count
from foodshare.cache.store import Entry
from foodshare.db import lsn
from foodshare.db.router import reading_from
from foodshare.exceptions import Missing

WAITING = 32  # hits, and as many doubts
PATIENCE = 10.0  # seconds for what was committed to be delivered, before a doubt is given up
LOOK_EVERY = 0.1  # seconds between two looks whether it was
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Hit:
    """What was served."""

    pattern: Pattern
    id: Any
    entry: Entry

    def is_right(self) -> bool:
        """Whether the primary has the same now."""
        try:
            with reading_from("default"):
                return bool(orjson.loads(self.pattern.made(self.id)) == orjson.loads(self.entry.value))
        except Missing:
            return False

    def is_served(self) -> bool:
        """Whether this very entry is still in one of the tiers. Raises Away."""
        key = self.pattern.key(self.id)
        return self.entry in (local.get(key), store.read(key))


@dataclass(frozen=True)
class Doubt:
    """A hit that is not as the primary had it at a place in the log; monotonic seconds until when it may be judged."""

    hit: Hit
    lsn: int
    until: float

    def is_ripe(self) -> bool:
        """Whether everything up to there has been delivered."""
        return listener().is_trusted and listener().delivered >= self.lsn


class Sampler(threading.Thread):
    """Compares hits, for as long as the process lives."""

    def __init__(self) -> None:
        super().__init__(name="cache-sampler", daemon=True)
        self.hits: Queue[Hit] = Queue(WAITING)
        self.doubts: list[Doubt] = []

    def take(self, hit: Hit) -> None:
        """Look at a hit later, unless too many wait already."""
        with suppress(Full):
            self.hits.put_nowait(hit)

    def run(self) -> None:
        while True:
            with suppress(Empty):
                self.look(self.hits.get(timeout=LOOK_EVERY if self.doubts else None))
            self.doubts = [doubt for doubt in self.doubts if not self.settle(doubt)]

    def look(self, hit: Hit) -> None:
        """Compare a hit with the primary."""
        try:
            if hit.is_right():
                count(hit.pattern.name, "checked")
            elif len(self.doubts) < WAITING:
                self.doubts.append(Doubt(hit, lsn.marked(), time.monotonic() + PATIENCE))
        except Exception:  # a server's or a loader's: the next hit may be compared all the same
            logger.info("a hit of %s could not be compared", hit.pattern.name, exc_info=True)
        finally:
            connections["default"].close()

    def settle(self, doubt: Doubt) -> bool:
        """Judge a doubt; tells whether it is done with."""
        if not doubt.is_ripe():
            return time.monotonic() > doubt.until
        with suppress(Away):
            judge(doubt.hit.pattern, doubt.hit.is_served())
        return True


def judge(pattern: Pattern, is_wrong: bool) -> None:
    """Count a hit; one that is wrong though everything was delivered is stale, if time alone does not explain it."""
    if not is_wrong:
        count(pattern.name, "checked")
    elif pattern.drifts:
        count(pattern.name, "drift")
    else:
        count(pattern.name, "stale")
        logger.error("the cache holds a %s that is not what the database has", pattern.name)


def offer(pattern: Pattern, id: Any, entry: Entry) -> None:
    """Have a hit compared, if chance has it so and there is time for it."""
    if random.random() * settings.CACHE_CHECKED < 1.0:  # noqa: S311 - chance, not a secret
        sampler(os.getpid()).take(Hit(pattern, id, entry))


@cache
def sampler(pid: int) -> Sampler:
    """A process's sampler, started when first asked for, so that a forked process has one of its own."""
    made = Sampler()
    made.start()
    return made
