"""Sequences: how much of their numbers is used."""

from collections.abc import Iterator
from dataclasses import dataclass

from ops.monitoring.metrics import TOP
from ops.monitoring.sources.reading import MOST, rows_of
from ops.monitoring.sources.tables import Figure


@dataclass(frozen=True)
class Sequence:
    """A sequence that counts up, and the column that it fills, if any. `most` is the greatest number that both hold."""

    name: str
    table: str | None
    column: str | None
    used: int
    cycle: bool
    most: int
    ratio: float


def sequences(most: int = MOST) -> list[Sequence]:
    """The fullest sequences. Raises DatabaseError."""
    return [Sequence(**row) for row in rows_of("sequences", most=most)]


def figures() -> Iterator[Figure]:
    for sequence in sequences(TOP):
        yield "foodshare_sequence_used_ratio", {"sequence": sequence.name}, sequence.ratio
