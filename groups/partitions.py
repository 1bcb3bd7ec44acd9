"""How the groups' tables are split by time, and what makes their partitions.

All of it in UTC, whatever the session's time zone: a partition begins at midnight of a first of the month, or of a
Monday (ISO 8601). Who changes partitions is the owner role, outside a transaction.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from django.db.backends.base.base import BaseDatabaseWrapper

from foodshare.db.locks import patiently

MONTHS_AHEAD = 3
WEEKS_AHEAD = 8
MOST_CATEGORIES = 12  # open at once: every statement that names no category is planned over all of their partitions
MOST_PARTITIONS = 600  # of one table, for the same reason: 12 categories of 50 months
NAME = re.compile(r"_y(\d{4})([mw])(\d{2})\Z", re.ASCII)  # how a partition's name ends


class Period(StrEnum):
    """What one partition holds."""

    MONTH = "month"
    WEEK = "week"

    def first(self, day: date) -> date:
        """The first day of the period that holds `day`."""
        return day.replace(day=1) if self is Period.MONTH else day - timedelta(days=day.weekday())

    def shift(self, first: date, count: int = 1) -> date:
        """The first day of the period `count` later; of an earlier one for a negative count."""
        if self is Period.WEEK:
            return first + timedelta(weeks=count)
        year, month = divmod(first.year * 12 + first.month - 1 + count, 12)
        return date(year, month + 1, 1)

    def name_of(self, table: str, first: date) -> str:
        """The name of the partition of `table` that begins with `first`."""
        if self is Period.MONTH:
            return f"{table}_y{first.year:04}m{first.month:02}"
        year, week, _ = first.isocalendar()
        return f"{table}_y{year:04}w{week:02}"

    def named(self, name: str) -> date | None:
        """The first day of the partition called `name`; None if it is no partition's name."""
        match = NAME.search(name)
        if match is None or match[2] != self.value[0]:
            return None
        year, number = int(match[1]), int(match[3])
        try:
            return date(year, number, 1) if self is Period.MONTH else date.fromisocalendar(year, number, 1)
        except ValueError:
            return None


@dataclass(frozen=True)
class Partitioning:
    """How a table is split: by which period, how many partitions are made ahead, and by which SQL function."""

    table: str
    period: Period
    ahead: int
    function: str
    by_category: bool = False  # first by category: `<table>_<slug>` is what is split by time


MESSAGES = Partitioning("messages", Period.MONTH, MONTHS_AHEAD, "create_monthly_partition")
STATUS_UPDATES = Partitioning("status_updates", Period.WEEK, WEEKS_AHEAD, "create_weekly_partition")
FORUM_POSTS = Partitioning("forum_posts", Period.MONTH, MONTHS_AHEAD, "create_category_partition", by_category=True)
PARTITIONED = (MESSAGES, STATUS_UPDATES, FORUM_POSTS)


def make_partition(connection: BaseDatabaseWrapper, partitioning: Partitioning, first: date, slug: str = "") -> None:
    """Make the partition that begins with `first`, of the category `slug` where there are categories.

    Does nothing if it is there. Raises LocksTaken, or ProgrammingError if another table has its name.
    """
    arguments: list[str | date] = [slug, first] if partitioning.by_category else [first]
    places = ", ".join(["%s"] * len(arguments))
    patiently(connection, lambda cursor: cursor.execute(f"SELECT {partitioning.function}({places})", arguments))


def make_category_partitions(connection: BaseDatabaseWrapper, slug: str, at: date) -> None:
    """Make what the category `slug` needs to take posts: its partitions of the month of `at` and MONTHS_AHEAD more.

    `connection` is the owner's, outside a transaction; the category's row is committed. May be repeated. Raises
    LocksTaken when a table was in use all the time, DataError when the slug ends like a partition's name.
    """
    month = FORUM_POSTS.period.first(at)
    for count in range(MONTHS_AHEAD + 1):
        make_partition(connection, FORUM_POSTS, FORUM_POSTS.period.shift(month, count), slug)
