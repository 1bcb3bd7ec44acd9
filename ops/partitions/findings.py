"""What is wrong with the partitions and is not mended by upkeep, because it cannot know what was meant."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from django.db.backends.base.base import BaseDatabaseWrapper

from groups.partitions import FORUM_POSTS, MOST_CATEGORIES, MOST_PARTITIONS, PARTITIONED
from ops.partitions.layout import Branch, Layout, Partition, category_table
from ops.partitions.plan import is_past

LEAST_AHEAD = 2
COMMAND = "manage.py maintain_partitions"


@dataclass(frozen=True)
class Finding:
    """What is wrong with the table `name`, and how to mend it."""

    name: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.name}: {self.problem}; {self.remedy}"


def judge(connection: BaseDatabaseWrapper, layout: Layout, at: date) -> Iterator[Finding]:
    """Everything that is wrong on the day `at`."""
    for branch in layout.branches:
        yield from gaps(branch)
        yield from too_few_ahead(branch, at)
    yield from (wrong(connection, found) for found in layout.partitions if found.bounds != found.expected)
    yield from detached(connection, layout, at)
    yield from too_many(layout)


def gaps(branch: Branch) -> Iterator[Finding]:
    """Times between two partitions that no partition holds; whether the two fit their names is told apart."""
    ranges = sorted(found.range for found in branch.partitions if found.range and not found.pending)
    for (_, end), (start, _) in pairwise(ranges):
        if end < start:
            arguments = f"'{branch.slug}', '{end.date()}'" if branch.slug else f"'{end.date()}'"
            yield Finding(branch.table, f"no partition holds the time from {end} to {start}",
                          f"attach the one that did, or, if none did, run SELECT {branch.partitioning.function}"
                          f"({arguments}), once for each {branch.partitioning.period}")


def too_few_ahead(branch: Branch, at: date) -> Iterator[Finding]:
    if not branch.in_use:
        return
    current = branch.partitioning.period.first(at)
    there = branch.sound()
    ahead = sum(first > current for first in there)
    if current not in there:
        yield Finding(branch.table, f"has no partition for the {branch.partitioning.period} of {at}, and takes no rows",
                      f"run `{COMMAND}`")
    if ahead < LEAST_AHEAD:
        yield Finding(branch.table, f"has {ahead} future partitions, fewer than {LEAST_AHEAD}", f"run `{COMMAND}`")


def wrong(connection: BaseDatabaseWrapper, partition: Partition) -> Finding:
    """A partition whose bounds are not those of its name; a default partition is one of them."""
    if partition.bounds == "DEFAULT":
        return Finding(partition.name,
                       f"is a default partition of {partition.parent}, {content(connection, partition.name)}",
                       "move its rows to partitions of their own, and drop it: beside it none can be detached "
                       "concurrently, nor attached for rows that it holds")
    if not partition.expected:
        return Finding(partition.name, f"is a partition of {partition.parent} {partition.bounds.lower()}, "
                       "of which its name tells nothing",
                       "rename it" + ", or give its category the slug back" * (partition.parent == FORUM_POSTS.table))
    return Finding(partition.name, f"is a partition {partition.bounds}, but by its name {partition.expected}",
                   f"detach it from {partition.parent}, and move its rows to partitions of their own")


def detached(connection: BaseDatabaseWrapper, layout: Layout, at: date) -> Iterator[Finding]:
    """Tables that should be attached: their rows are seen by nobody."""
    for name, told in layout.leftovers():
        if not is_past(told.partitioning, told.first, at):
            yield loose(connection, name, told.table, told.bounds)
    for category in layout.categories:
        if (table := category_table(category.slug)) in layout.tables:
            yield loose(connection, table, FORUM_POSTS.table, f"FOR VALUES IN ({category.number})")


def loose(connection: BaseDatabaseWrapper, name: str, parent: str, bounds: str) -> Finding:
    return Finding(name, f"has the name of a partition of {parent}, but is none, {content(connection, name)}",
                   f"ALTER TABLE {parent} ATTACH PARTITION {name} {bounds}, or rename it, or drop it")


def content(connection: BaseDatabaseWrapper, table: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT FROM {connection.ops.quote_name(table)})")
        return "and holds rows" if cursor.fetchone()[0] else "and is empty"


def too_many(layout: Layout) -> Iterator[Finding]:
    """More than a statement can be planned over."""
    open_ = sum(category.is_open for category in layout.categories)
    if open_ > MOST_CATEGORIES:
        yield Finding(FORUM_POSTS.table, f"{open_} categories are open, more than {MOST_CATEGORIES}",
                      "close some: what names no category is planned over all of their partitions")
    for partitioning in PARTITIONED:
        count = sum(len(branch.partitions) for branch in layout.branches if branch.partitioning is partitioning)
        if count > MOST_PARTITIONS:
            variable = f"{partitioning.table}_keep_{partitioning.period}s".upper()
            yield Finding(partitioning.table, f"has {count} partitions, more than {MOST_PARTITIONS}",
                          f"set {variable}, so that old ones go")
