"""Indexes: what each is, how large, how bloated, how often used, and which of them serve nothing.

Those of a partitioned table's parts count as one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import connections

from ops.monitoring.metrics import TOP
from ops.monitoring.sources.reading import MOST, rows, rows_of
from ops.monitoring.sources.tables import Figure

LARGE = 1_000  # rows; below it the planner rightly reads a table whole
USE = """
    SELECT sum(idx_scan)::float8 / nullif(sum(idx_scan + seq_scan), 0) AS ratio
    FROM pg_stat_user_tables WHERE schemaname = 'public' AND n_live_tup > %(large)s
"""


@dataclass(frozen=True)
class Index:
    """An index. Sizes in bytes; `bloat` is an estimate, and None where it is not known: in none but B-trees.

    `keys` are what orders entries: expression, operator class, collation, direction; `columns` the expressions alone,
    `included` what is stored with them. `scans` counts since statistics were last reset, on the primary.
    """

    name: str
    table: str
    parts: int
    bytes: int
    rows: int
    scans: int
    valid: bool
    bloat: int | None
    is_unique: bool
    is_primary: bool
    is_identity: bool
    is_partitioned: bool
    method: str
    constraint_name: str | None
    keys: tuple[str, ...]
    columns: tuple[str, ...]
    included: tuple[str, ...]
    predicate: str | None
    definition: str

    @property
    def guards(self) -> bool:
        """Whether it does more than to find rows."""
        return self.is_unique or self.is_primary or self.is_identity or self.constraint_name is not None


def indexes(most: int = MOST) -> list[Index]:
    """The largest indexes. Raises DatabaseError."""
    return [Index(**row) for row in rows_of("indexes", most=most)]


def scans_on(alias: str) -> dict[str, int]:
    """How often a server has used each index, by name. Raises DatabaseError."""
    return {row["name"]: row["scans"] for row in rows_of("index_scans", alias)}


def covering(index: Index, others: Iterable[Index]) -> Index | None:
    """Another index that finds all that `index` does: of two that are alike, the one that guards or is older by name.

    One that guards is covered by none.
    """
    if index.guards:
        return None
    return next((other for other in others if other.name != index.name and covers(other, index)
                 and (other.guards or not covers(index, other) or other.name < index.name)), None)


def covers(wide: Index, narrow: Index) -> bool:
    """Whether whatever `narrow` finds `wide` does too: its keys begin with the same ones. Only B-trees have an order
    of keys; of others only the very same index will do."""
    if (wide.table, wide.method, wide.predicate) != (narrow.table, narrow.method, narrow.predicate) or not wide.valid:
        return False
    begins = wide.keys[:len(narrow.keys)] == narrow.keys
    stored = set(narrow.included) <= {*wide.columns, *wide.included}
    return begins and stored and (narrow.method == "btree" or len(wide.keys) == len(narrow.keys))


def use() -> float | None:
    """The share of scans that were by an index, of tables over LARGE rows; None while there are none."""
    ratio: float | None = rows(connections["owner"], USE, {"large": LARGE})[0]["ratio"]
    return ratio


def figures() -> Iterator[Figure]:
    found = indexes()
    for index in found[:TOP]:
        labels = {"table": index.table, "index": index.name}
        yield "foodshare_index_size_bytes", labels, index.bytes
        yield "foodshare_index_scans_total", labels, index.scans
        if index.bloat is not None:
            yield "foodshare_index_bloat_bytes", labels, index.bloat
    yield "foodshare_indexes_invalid", {}, sum(not index.valid for index in found)
    yield "foodshare_indexes_unused", {}, sum(not index.scans and not index.guards for index in found)
    if (ratio := use()) is not None:
        yield "foodshare_index_use_ratio", {}, ratio
