"""Vacuum: how near the end of transaction numbers is, what is overdue, what holds vacuum back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ops.monitoring.sources.reading import MOST, rows_of
from ops.monitoring.sources.tables import Figure


@dataclass(frozen=True)
class Ages:
    """Of all databases of the server, in transactions (multixacts). At `most` the server takes no more writes; at
    `freeze_at` autovacuum freezes a table though it was told not to look after it. `held_back` is the age of the oldest
    transaction whose view of the rows somebody still has."""

    xid_age: int
    multixact_age: int
    most: int
    freeze_at: int
    multixact_freeze_at: int
    running: int
    held_back: int


@dataclass(frozen=True)
class Overdue:
    """A table with more dead rows than the `threshold` at which autovacuum takes it, if that `is_on` for it."""

    table: str
    dead: int
    rows: int
    threshold: int
    is_on: bool
    vacuumed_at: datetime | None


def ages() -> Ages:
    """Raises DatabaseError."""
    return Ages(**rows_of("vacuum_ages")[0])


def overdue(most: int = MOST) -> list[Overdue]:
    """The tables with the most dead rows first. Raises DatabaseError."""
    return [Overdue(**row) for row in rows_of("vacuum_overdue", most=most)]


def figures() -> Iterator[Figure]:
    found = ages()
    yield "foodshare_xid_age", {}, found.xid_age
    yield "foodshare_xid_limit", {}, found.most
    yield "foodshare_multixact_age", {}, found.multixact_age
    yield "foodshare_vacuum_running", {}, found.running
    yield "foodshare_vacuum_held_back_transactions", {}, found.held_back
    yield "foodshare_vacuum_overdue", {}, len(overdue())
