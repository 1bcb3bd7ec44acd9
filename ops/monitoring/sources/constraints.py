"""Constraints: those that are not validated, and foreign keys that no index can follow backwards."""

from collections.abc import Iterator
from dataclasses import dataclass

from ops.monitoring.sources.reading import MOST, rows_of
from ops.monitoring.sources.tables import Figure


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
    columns: tuple[str, ...]


def invalid(most: int = MOST) -> list[Constraint]:
    """Raises DatabaseError."""
    return [Constraint(**row) for row in rows_of("constraints_invalid", most=most)]


def foreign_keys_unindexed(most: int = MOST) -> list[ForeignKey]:
    """Raises DatabaseError."""
    return [ForeignKey(**row) for row in rows_of("foreign_keys_unindexed", most=most)]


def figures() -> Iterator[Figure]:
    yield "foodshare_constraints_invalid", {}, len(invalid())
