"""Indexes: what each is, how large, how bloated, how often used, and which of them serve nothing.

Those of a partitioned table's parts count as one.
"""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from foodshare.db.operations import sql
from ops.monitoring.figures import Figure
from ops.monitoring.metrics import TOP
from ops.monitoring.rows import fetch, row

MOST = 10_000  # rows that are told of
LARGE = 1_000  # rows; below it the planner rightly reads a table whole
USE = """
    SELECT sum(idx_scan)::float8 / nullif(sum(idx_scan + seq_scan), 0)
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
    is_deferrable: bool
    is_partitioned: bool
    method: str
    constraint_name: str | None
    keys: list[str]
    columns: list[str]
    included: list[str]
    predicate: str | None
    definition: str

    @property
    def guards(self) -> bool:
        """Whether it does more than to find rows."""
        return self.is_unique or self.is_primary or self.is_identity or self.constraint_name is not None


def indexes(connection: BaseDatabaseWrapper, most: int = MOST) -> list[Index]:
    """The largest indexes."""
    return fetch(Index, connection, sql("ops", "queries/indexes"), {"most": most})


def scans(connection: BaseDatabaseWrapper) -> dict[str, int]:
    """How often a server has used each index, by name."""
    return dict(fetch(lambda name, count: (name, count), connection, sql("ops", "queries/index_scans")))


def covering(index: Index, others: Iterable[Index], kept: Container[str] = ()) -> Index | None:
    """Another index that finds all that `index` does: of two that are alike the one that guards, else one of those
    that are `kept`, else the older by name.

    One that guards is covered by none.
   """
    if index.guards:
        return None
    return next((other for other in others if other.name != index.name and covers(other, index)
                 and (other.guards or not covers(index, other)
                      or (other.name not in kept, other.name) < (index.name not in kept, index.name))), None)


def copied(index: Index, others: Iterable[Index], kept: Container[str] = ()) -> Index | None:
    """Another index that keeps the same thing unique, of which `index` is a copy: primary keys come first, then those
    that are `kept`, then what serves a constraint, then the older by name."""
    if not index.is_unique or index.is_primary or index.is_identity:
        return None

    def firmness(one: Index) -> tuple[bool, bool, bool, bool, str]:
        return not one.is_primary, not one.is_identity, one.name not in kept, one.constraint_name is None, one.name

    return next((other for other in others if other.is_unique and other.name != index.name and covers(other, index)
                 and other.keys == index.keys and is_immediate(other) and firmness(other) < firmness(index)), None)


def is_immediate(index: Index) -> bool:
    """Whether it can serve ON CONFLICT and foreign keys as any other; one that takes NULLs for alike keeps more."""
    return not index.is_deferrable and "NULLS NOT DISTINCT" not in index.definition


def covers(wide: Index, narrow: Index) -> bool:
    """Whether whatever `narrow` finds `wide` does too: its keys begin with the same ones. Only B-trees have an order
    of keys; of others only the very same index will do."""
    if (wide.table, wide.method, wide.predicate) != (narrow.table, narrow.method, narrow.predicate) or not wide.valid:
        return False
    begins = wide.keys[:len(narrow.keys)] == narrow.keys
    stored = set(narrow.included) <= {*wide.columns, *wide.included}
    return begins and stored and (narrow.method == "btree" or len(wide.keys) == len(narrow.keys))


def use(connection: BaseDatabaseWrapper) -> float | None:
    """The share of scans that were by an index, of tables over LARGE rows; None while there are none."""
    ratio: float | None = row(connection, USE, {"large": LARGE})[0]
    return ratio


def figures() -> Iterator[Figure]:
    found = indexes(connections["owner"])
    for index in found[:TOP]:
        labels = {"table": index.table, "index": index.name}
        yield "foodshare_index_size_bytes", labels, index.bytes
        yield "foodshare_index_scans_total", labels, index.scans
        yield "foodshare_index_bloat_bytes", labels, index.bloat
    yield "foodshare_indexes_invalid", {}, sum(not index.valid for index in found)
    yield "foodshare_indexes_unused", {}, sum(not index.scans and not index.guards for index in found)
    yield "foodshare_index_use_ratio", {}, use(connections["owner"])
