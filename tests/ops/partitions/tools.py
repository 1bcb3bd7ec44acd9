"""What the tests of upkeep make and look at."""

from datetime import UTC, date, datetime, time
from functools import cache
from uuid import UUID

from django.db import connections

from foodshare.db.keys import new_key
from groups.partitions import PARTITIONED, Partitioning, make_category_partitions
from ops.partitions import maintain
from ops.partitions.layout import Layout, read, told_by
from tests.databases import rows, run, value


def layout() -> Layout:
    return read(connections["owner"])


@cache
def made_at() -> date:
    """A day of the month and of the week in which the test database was made; first asked for before any change."""
    firsts = [[told.first for found in layout().partitions if (told := told_by(found.name))
               and told.partitioning is partitioning] for partitioning in PARTITIONED if not partitioning.by_category]
    return max(min(found) for found in firsts)


def shifted(partitioning: Partitioning, count: int) -> date:
    """The first day of the period `count` after that in which the test database was made."""
    return partitioning.period.shift(partitioning.period.first(made_at()), count)


def open_category(slug: str = "recipes", at: date | None = None) -> int:
    """An open category with its partitions; its number."""
    run("INSERT INTO forum_categories (slug, name, opened_at) VALUES (%s, %s, now())", slug, slug)
    make_category_partitions(connections["owner"], slug, at or made_at())
    number: int = value("SELECT id FROM forum_categories WHERE slug = %s", slug)
    return number


def make_person() -> UUID:
    person: UUID = value("INSERT INTO users (name, verification_level) VALUES ('Ada', 'light') RETURNING id")
    return person


def write_status(person: UUID, day: date, count: int = 1, content: str = "bread") -> None:
    at = datetime.combine(day, time(12), UTC)
    for _ in range(count):
        run("INSERT INTO status_updates (id, created_at, author_id, content) VALUES (%s, %s, %s, %s)",
            new_key(at), at.replace(tzinfo=None), person, content)


def upkeep(at: date | None = None) -> tuple[list[str], list[str], list[str]]:
    """Do it; the plan, the failures and the findings as text."""
    outcome = maintain(connections["owner"], at or made_at())
    return [str(s) for s in outcome.steps], [str(f) for f in outcome.failures], [str(f) for f in outcome.findings]


def names(table: str) -> list[str]:
    """The partitions of `table`, by name."""
    return [name for (name,) in rows("SELECT inhrelid::regclass::text FROM pg_inherits "
                                     "WHERE inhparent = %s::regclass ORDER BY 1", table)]


def exists(table: str) -> bool:
    return bool(value("SELECT to_regclass(%s) IS NOT NULL", table))
