"""Sequences: how much of their numbers is used."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from foodshare.db.operations import sql
from ops.monitoring.figures import Figure
from ops.monitoring.metrics import TOP
from ops.monitoring.rows import fetch

MOST = 10_000  # rows that are told of


@dataclass(frozen=True)
class Sequence:
    """A sequence that counts up, and the column that it fills, if any. `most` is the greatest number that both hold;
    `holds` what the column does, None for bigint."""

    name: str
    table: str | None
    column: str | None
    used: int
    cycle: bool
    most: int
    holds: int | None
    ratio: float


def sequences(connection: BaseDatabaseWrapper, most: int = MOST) -> list[Sequence]:
    """The fullest sequences."""
    return fetch(Sequence, connection, sql("ops", "queries/sequences"), {"most": most})


def figures() -> Iterator[Figure]:
    for sequence in sequences(connections["owner"], TOP):
        yield "foodshare_sequence_used_ratio", {"sequence": sequence.name}, sequence.ratio
