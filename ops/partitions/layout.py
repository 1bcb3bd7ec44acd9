"""What partitions there are, read from the catalog."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from groups.partitions import FORUM_POSTS, NAME, PARTITIONED, Partitioning

RANGE = re.compile(r"FOR VALUES FROM \('([^']+)'\) TO \('([^']+)'\)")

ATTACHED = """
    SELECT p.relname, c.relname, pg_get_expr(c.relpartbound, c.oid), inhdetachpending
    FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid JOIN pg_class p ON p.oid = inhparent
    WHERE p.relnamespace = current_schema()::regnamespace AND p.relkind = 'p' AND c.relispartition
    ORDER BY 1, 2
"""
TABLES = """
    SELECT relname FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1
"""
CATEGORIES = "SELECT slug, id, opened_at IS NOT NULL FROM forum_categories ORDER BY id"


class Told(NamedTuple):
    """What a partition's name tells: of which table it is, and with which day it begins."""

    partitioning: Partitioning
    table: str
    first: date

    @property
    def name(self) -> str:
        return self.partitioning.period.name_of(self.table, self.first)

    @property
    def bounds(self) -> str:
        """Its bounds, as PostgreSQL prints them."""
        following = self.partitioning.period.shift(self.first)
        return f"FOR VALUES FROM ('{self.first} 00:00:00') TO ('{following} 00:00:00')"


class Category(NamedTuple):
    """A category of the forum."""

    slug: str
    number: int
    is_open: bool


@dataclass(frozen=True)
class Partition:
    """One attached table, as the catalog has it, and the bounds that it should have: none for a name of no meaning."""

    parent: str
    name: str
    bounds: str
    expected: str
    pending: bool  # its detaching was interrupted: no query of the parent sees its rows

    @property
    def range(self) -> tuple[datetime, datetime] | None:
        """From when to when it holds rows; None for one without a beginning or an end, such as a default partition."""
        match = RANGE.fullmatch(self.bounds)
        try:
            return match and (datetime.fromisoformat(match[1]), datetime.fromisoformat(match[2]))
        except ValueError:
            return None


@dataclass(frozen=True)
class Branch:
    """A table that is split by time: messages, or one category of the forum's posts."""

    partitioning: Partitioning
    table: str
    partitions: tuple[Partition, ...]
    slug: str = ""
    in_use: bool = True  # false for a category that is not open

    def told(self, first: date) -> Told:
        """The partition that begins with `first`, as it should be."""
        return Told(self.partitioning, self.table, first)

    def sound(self) -> dict[date, Partition]:
        """The partitions that are what their names tell, by their first days."""
        return {told.first: found for found in self.partitions
                if (told := told_by(found.name)) and found.bounds == found.expected and not found.pending}


@dataclass(frozen=True)
class Layout:
    """The partitioned tables as they are."""

    branches: tuple[Branch, ...]
    partitions: tuple[Partition, ...]  # of all levels
    tables: tuple[str, ...]  # those that are partitions of nothing
    categories: tuple[Category, ...]

    def leftovers(self) -> Iterator[tuple[str, Told]]:
        """Tables that have a partition's name, but are none."""
        for name in self.tables:
            if told := told_by(name):
                yield name, told


def told_by(name: str) -> Told | None:
    """What the name of a table tells; None if it is no partition's name."""
    table = NAME.sub("", name)
    for partitioning in PARTITIONED:
        is_branch = partitioning.by_category and table.startswith(f"{partitioning.table}_")
        if is_branch or (table == partitioning.table and not partitioning.by_category):
            first = partitioning.period.named(name)
            return Told(partitioning, table, first) if first else None
    return None


def category_table(slug: str) -> str:
    return f"{FORUM_POSTS.table}_{slug}"


def read(connection: BaseDatabaseWrapper) -> Layout:
    """Read the catalog. What is not migrated yet is not there."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('DateStyle', 'ISO', true)")
        cursor.execute(ATTACHED)
        attached = cursor.fetchall()
        cursor.execute(TABLES)
        tables = tuple(name for (name,) in cursor.fetchall())
        cursor.execute(CATEGORIES if "forum_categories" in tables else "SELECT WHERE false")
        categories = tuple(Category(*row) for row in cursor.fetchall())
    numbers = {category_table(category.slug): category.number for category in categories}
    partitions = tuple(Partition(parent, name, bounds, expected_bounds(parent, name, numbers), pending)
                       for parent, name, bounds, pending in attached)
    return Layout(tuple(branches(partitions, tables, categories)), partitions, tables, categories)


def expected_bounds(parent: str, name: str, numbers: Mapping[str, int]) -> str:
    """The bounds that a partition should have by its name; none if it should not be there."""
    if parent == FORUM_POSTS.table:
        return f"FOR VALUES IN ('{numbers[name]}')" if name in numbers else ""
    told = told_by(name)
    return told.bounds if told and told.table == parent else ""


def branches(partitions: tuple[Partition, ...], tables: tuple[str, ...],
             categories: tuple[Category, ...]) -> Iterator[Branch]:
    """The tables split by time. A category's is among them if it is attached, or if it should be."""
    of = {parent: tuple(found for found in partitions if found.parent == parent)
          for parent in {*tables, *(found.parent for found in partitions)}}
    attached = {found.name for found in partitions}
    for partitioning in PARTITIONED:
        if partitioning.table not in tables:
            continue
        if not partitioning.by_category:
            yield Branch(partitioning, partitioning.table, of[partitioning.table])
            continue
        for slug, _, is_open in categories:
            table = category_table(slug)
            if is_open or table in attached:
                yield Branch(partitioning, table, of.get(table, ()), slug, in_use=is_open)
