"""Tables: how large, how bloated, how they are read and written, when they were last looked after.

A partitioned table is the sum of its partitions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from ops.monitoring.metrics import TOP
from ops.monitoring.sources.reading import MOST, rows_of

Figure = tuple[str, dict[str, str], float]


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


def tables(most: int = MOST) -> list[Table]:
    """The largest tables. Raises DatabaseError."""
    return [Table(**row) for row in rows_of("tables", most=most)]


def figures() -> Iterator[Figure]:
    now = datetime.now(UTC)
    for table in tables(TOP):
        labels = {"table": table.name}
        yield "foodshare_table_size_bytes", labels, table.bytes
        yield "foodshare_table_indexes_size_bytes", labels, table.index_bytes
        yield "foodshare_table_rows", labels, table.rows
        yield "foodshare_table_dead_rows", labels, table.dead
        yield "foodshare_table_seq_scans_total", labels, table.seq_scans
        yield "foodshare_table_index_scans_total", labels, table.index_scans
        for kind, count in (("insert", table.inserted), ("update", table.updated), ("delete", table.deleted)):
            yield "foodshare_table_writes_total", {**labels, "kind": kind}, count
        if table.bloat is not None:
            yield "foodshare_table_bloat_bytes", labels, table.bloat
        if table.analyzed_at is not None:
            yield "foodshare_table_analyzed_age_seconds", labels, (now - table.analyzed_at).total_seconds()
        if table.vacuumed_at is not None:
            yield "foodshare_table_vacuumed_age_seconds", labels, (now - table.vacuumed_at).total_seconds()
