"""Vacuum: how near the end of transaction numbers is, what is overdue, what holds vacuum back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from foodshare.db.operations import sql
from ops.monitoring.figures import Figure
from ops.monitoring.rows import fetch

MOST = 10_000  # rows that are told of


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


def ages(connection: BaseDatabaseWrapper) -> Ages:
    [found] = fetch(Ages, connection, sql("ops", "queries/vacuum_ages"))
    return found


def overdue(connection: BaseDatabaseWrapper, most: int = MOST) -> list[Overdue]:
    """The tables with the most dead rows first."""
    return fetch(Overdue, connection, sql("ops", "queries/vacuum_overdue"), {"most": most})


def figures() -> Iterator[Figure]:
    found = ages(connections["owner"])
    yield "foodshare_xid_age", {}, found.xid_age
    yield "foodshare_xid_limit", {}, found.most
    yield "foodshare_multixact_age", {}, found.multixact_age
    yield "foodshare_vacuum_running", {}, found.running
    yield "foodshare_vacuum_held_back_transactions", {}, found.held_back
    yield "foodshare_vacuum_overdue", {}, len(overdue(connections["owner"]))
