"""Tables: how large, how bloated, how they are read and written, when they were last looked after.

A partitioned table is the sum of its partitions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from foodshare.db.operations import sql
from ops.monitoring.figures import Figure
from ops.monitoring.metrics import TOP
from ops.monitoring.rows import fetch

MOST = 10_000  # rows that are told of


@dataclass(frozen=True)
class Table:
    """A table or materialized view. Sizes in bytes; rows and bloat are estimates, and None is what is not known.

    `bytes` is without indexes, but with what is stored out of line. Counts of reads and writes are since statistics
    were last reset.
   """

    name: str
    parts: int
    bytes: int
    index_bytes: int
    rows: int
    dead: int
    bloat: int | None
    seq_scans: int
    seq_rows: int
    index_scans: int
    inserted: int
    updated: int
    updated_in_place: int
    deleted: int
    vacuumed_at: datetime | None
    analyzed_at: datetime | None


def tables(connection: BaseDatabaseWrapper, most: int = MOST) -> list[Table]:
    """The largest tables, with their indexes."""
    return fetch(Table, connection, sql("ops", "queries/tables"), {"most": most})


def figures() -> Iterator[Figure]:
    now = datetime.now(UTC)
    for table in tables(connections["owner"], TOP):
        labels = {"table": table.name}
        yield "foodshare_table_size_bytes", labels, table.bytes
        yield "foodshare_table_indexes_size_bytes", labels, table.index_bytes
        yield "foodshare_table_rows", labels, table.rows
        yield "foodshare_table_dead_rows", labels, table.dead
        yield "foodshare_table_seq_scans_total", labels, table.seq_scans
        yield "foodshare_table_index_scans_total", labels, table.index_scans
        for kind, count in (("insert", table.inserted), ("update", table.updated), ("delete", table.deleted)):
            yield "foodshare_table_writes_total", {**labels, "kind": kind}, count
        yield "foodshare_table_bloat_bytes", labels, table.bloat
        for name, at in (("analyzed", table.analyzed_at), ("vacuumed", table.vacuumed_at)):
            yield f"foodshare_table_{name}_age_seconds", labels, (now - at).total_seconds() if at else None
