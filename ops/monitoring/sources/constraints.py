"""Constraints: those that are not validated, and foreign keys that no index can follow backwards."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from foodshare.db.operations import sql
from ops.monitoring.figures import Figure
from ops.monitoring.rows import fetch

MOST = 10_000  # rows that are told of


@dataclass(frozen=True)
class Constraint:
    """A constraint that is not validated: rows from before it may break it."""

    table: str
    name: str
    is_foreign_key: bool
    definition: str


@dataclass(frozen=True)
class ForeignKey:
    """A foreign key that no index of its table begins with; `rows` is an estimate."""

    table: str
    name: str
    target: str
    definition: str
    rows: int
    columns: list[str]


def invalid(connection: BaseDatabaseWrapper, most: int = MOST) -> list[Constraint]:
    return fetch(Constraint, connection, sql("ops", "queries/constraints_invalid"), {"most": most})


def foreign_keys_unindexed(connection: BaseDatabaseWrapper, most: int = MOST) -> list[ForeignKey]:
    return fetch(ForeignKey, connection, sql("ops", "queries/foreign_keys_unindexed"), {"most": most})


def figures() -> Iterator[Figure]:
    yield "foodshare_constraints_invalid", {}, len(invalid(connections["owner"]))
