"""Events and notes of changes that have not left the database."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from ops.monitoring.figures import Figure
from ops.monitoring.rows import fetch, row

MOST = 100_000  # that are counted
OUTBOX = """
    SELECT (SELECT count(*) FROM (SELECT FROM outbox_events WHERE stream_id IS NULL AND error = '' LIMIT %(most)s) w),
           (SELECT extract(epoch FROM (now() AT TIME ZONE 'UTC') - created_at)::float FROM outbox_events
            WHERE stream_id IS NULL AND error = '' ORDER BY id LIMIT 1),
           (SELECT count(*) FROM (SELECT FROM outbox_events WHERE error <> '' LIMIT %(most)s) s)
"""
INVALIDATIONS = """
    SELECT (SELECT count(*) FROM (SELECT FROM cache_invalidations LIMIT %(most)s) w),
           (SELECT min(id) FROM cache_invalidations)
"""

_oldest: list[tuple[int, float]] = []  # the oldest note that was seen here last, and since when


@dataclass(frozen=True)
class Outbox:
    """Events that no stream carries yet, the age of the oldest in seconds, and those that could not be published."""

    waiting: int
    oldest: float | None
    set_aside: int


def outbox(connection: BaseDatabaseWrapper) -> Outbox:
    [found] = fetch(Outbox, connection, OUTBOX, {"most": MOST})
    return found


def seen_for(first: int | None) -> float:
    """Seconds since the oldest note was first seen here: notes do not tell when they were made."""
    if first is None:
        _oldest.clear()
        return 0.0
    if not _oldest or _oldest[0][0] != first:
        _oldest[:] = [(first, time.monotonic())]
    return time.monotonic() - _oldest[0][1]


def figures() -> Iterator[Figure]:
    found = outbox(connections["owner"])
    yield "foodshare_outbox_waiting", {}, found.waiting
    yield "foodshare_outbox_oldest_seconds", {}, found.oldest or 0.0
    yield "foodshare_outbox_set_aside", {}, found.set_aside
    waiting, first = row(connections["owner"], INVALIDATIONS, {"most": MOST})
    yield "foodshare_invalidations_waiting", {}, waiting
    yield "foodshare_invalidation_oldest_seconds", {}, seen_for(first)
