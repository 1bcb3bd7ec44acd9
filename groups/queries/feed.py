"""The feed: what a person and their friends told, newest first, less people blocked either way.

Document B's query reads all that the friends ever told, or, walking by time, all that anybody told since. Here the walk
is bounded: where friends are many or busy it fills a page from few rows. When it does not, each person's newest are
looked up in a stretch of time that widens, so that only the partitions needed are planned and read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.db import connections
from django.utils import timezone

from foodshare.db.fields import naive
from foodshare.db.operations import sql
from foodshare.db.router import reading_alias
from foodshare.models import User

WALKED = 10_000  # rows
WINDOWS = (timedelta(days=7), timedelta(days=28), timedelta(days=112))  # then all time
LEEWAY = timedelta(hours=1)  # by which another machine's clock may be ahead
LAST_KEY = UUID(int=2**128 - 1)
COMPARISONS = {(False, False): "<", (False, True): "<=", (True, False): ">", (True, True): ">="}  # newer, with_row

Row = dict[str, Any]
Stretch = tuple[datetime | str, datetime | str]  # from and before, naive UTC; "-infinity": from the beginning


@dataclass(frozen=True)
class Place:
    """A row in the order of the feed, from which to read on: to older rows, or to newer; `with_row`: itself too."""

    time: datetime
    key: UUID
    newer: bool = False
    with_row: bool = False


def read(reader: User, number: int, place: Place | None = None) -> list[Row]:
    """Up to `number` rows of the reader's feed, the nearest to `place` first (default: the newest)."""
    first, *_ = windows = list(stretches(place))
    rows = run("feed_walk", reader, place, first, number)
    if len(rows) == number:
        return rows
    rows = []
    for stretch in windows:
        rows += run("feed_friends", reader, place, stretch, number - len(rows))
        if len(rows) == number:
            break
    return rows


def stretches(place: Place | None) -> Iterator[Stretch]:
    """All time on the place's far side, the nearest stretch first; weeks to come, which are empty, left out."""
    now = naive(timezone.now())
    time, end = naive(place.time) if place else now, now + LEEWAY
    if place is not None and place.newer:
        yield from pairwise([time, *(edge for window in WINDOWS if (edge := time + window) < now), end])
    else:
        near = time + timedelta(microseconds=1) if place else end
        edges: list[datetime | str] = [near, *(time - window for window in WINDOWS), "-infinity"]
        for later, earlier in pairwise(edges):
            yield earlier, later


def run(query: str, reader: User, place: Place | None, stretch: Stretch, number: int) -> list[Row]:
    """The rows of one statement. Its bounds are literals in it, so that it is planned for their partitions only."""
    time, key = (naive(place.time), place.key) if place else ("infinity", LAST_KEY)
    values = {"reader": reader.pk, "time": time, "key": key, "low": stretch[0], "high": stretch[1], "number": number,
              "walked": WALKED}
    newer, with_row = (place.newer, place.with_row) if place else (False, False)
    with connections[reading_alias()].cursor() as cursor:
        cursor.execute(statement(query, newer, with_row), values)
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return [row | {"created_at": row["created_at"].replace(tzinfo=UTC)} for row in rows]


@cache
def statement(query: str, newer: bool, with_row: bool) -> str:
    return sql("groups", f"queries/{query}").format(compare=COMPARISONS[newer, with_row],
                                                    order="ASC" if newer else "DESC")
