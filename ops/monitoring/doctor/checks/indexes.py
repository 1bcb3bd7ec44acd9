"""Indexes: invalid, double, useless, bloated; and foreign keys without one."""

from collections.abc import Iterator
from datetime import UTC, datetime

from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from ops.monitoring.doctor import drift, mending
from ops.monitoring.doctor.findings import Finding, Severity
from ops.monitoring.doctor.limits import DAY, MB, Limits
from ops.monitoring.doctor.names import endpoints_of_table, model_of
from ops.monitoring.rows import row
from ops.monitoring.sources.constraints import ForeignKey, foreign_keys_unindexed
from ops.monitoring.sources.indexes import Index, copied, covering, indexes, scans
from ops.monitoring.sources.tables import tables
from ops.schema import PERFORMANCE_INDEXES, SOCIAL_INDEXES

ORDERED = PERFORMANCE_INDEXES.keys() | SOCIAL_INDEXES.keys()  # by name, by the two documents
# From when on scans are counted: statistics are reset by hand, and lost when the server crashes.
KEPT_SINCE = """
    SELECT greatest(stats_reset, CASE WHEN stats_reset IS NULL THEN pg_postmaster_start_time() END)
    FROM pg_stat_database WHERE datname = current_database()
"""


def invalid(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    """What an interrupted CREATE INDEX or REINDEX CONCURRENTLY left."""
    for index in indexes(connection):
        if not index.valid:
            yield Finding(
                Severity.CRITICAL if index.guards else Severity.WARNING, "invalid_indexes", index.name,
                f"the index {index.name} of {index.table} is not valid",
                "no statement is served by it, yet each write pays for it" +
                ("; what it should keep unique may be double" if index.is_unique else ""),
                "build it anew by this SQL; no migration is needed. Where it is in the making now, wait for that",
                model_of(index.table), endpoints_of_table(index.table), rebuilt(index))


def rebuilt(index: Index) -> tuple[str, ...]:
    """How an invalid index is built anew; what REINDEX left beside the index it was to replace is dropped."""
    if "_ccnew" in index.name or "_ccold" in index.name:
        return (mending.drop_statement(index.name, index.is_partitioned),)
    return mending.put_back(index.name, index.definition)


def duplicate(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    """Two indexes of the same keys; the one that no migration makes goes first."""
    found, made = indexes(connection), drift.made_by_migrations()
    for index in found:
        other = copied(index, found, made) or covering(index, found, made)
        if other and len(other.keys) == len(index.keys) and index.name not in ORDERED:
            yield useless(index, "duplicate_indexes", Severity.WARNING,
                          f"the index {index.name} is the same as {other.name} of {index.table}")


def redundant(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    """An index whose keys another begins with, once it is of some size: packages make small ones by themselves."""
    found = indexes(connection)
    for index in found:
        other = covering(index, found)
        if other and len(other.keys) > len(index.keys) and index.bytes >= limits.index_redundant:
            if index.name in ORDERED:
                continue
            yield useless(index, "redundant_indexes", Severity.WARNING,
                          f"the index {index.name} ({', '.join(index.columns)}) is a prefix of {other.name} "
                          f"({', '.join(other.columns)}), {index.bytes // MB} MB")


def useless(index: Index, check: str, severity: Severity, what: str) -> Finding:
    fix, migration = mending.drop_index(index)
    return Finding(severity, check, index.name, what,
                   "each write keeps it up to date, and it takes memory and disk from what is read",
                   "drop it, and bring it back should a statement turn out to need it",
                   model_of(index.table), endpoints_of_table(index.table), fix, migration)


def unused(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    """Indexes that no server has used though their table is read much, since long ago."""
    kept = kept_for()
    if kept is None or kept < limits.statistics_kept:
        return
    on_standbys = [scans(connections[alias]) for alias in settings.REPLICA_ALIASES]
    read = {table.name: table.seq_scans + table.index_scans for table in tables(connection)}
    for index in indexes(connection):
        used = index.scans + sum(each.get(index.name, 0) for each in on_standbys)
        if used or index.guards or not index.valid or index.bytes < limits.index_unused:
            continue
        if read.get(index.table, 0) >= limits.table_read:
            yield judged_unused(index, kept)


def judged_unused(index: Index, kept: float) -> Finding:
    what = (f"no server has used the index {index.name} of {index.table} for {kept / DAY:.0f} days, "
            f"{index.bytes // MB} MB")
    if index.name in ORDERED:
        return Finding(Severity.INFO, "unused_indexes", index.name, what, "the two documents order it by name",
                       "keep it", model_of(index.table))
    return useless(index, "unused_indexes", Severity.INFO, what)


def kept_for() -> float | None:
    """For how many seconds the servers have counted scans: the one that began last."""
    aliases = ["owner", *settings.REPLICA_ALIASES]
    since = [row(connections[alias], KEPT_SINCE)[0] for alias in aliases]
    if None in since:
        return None
    latest: datetime = max(since)
    return (datetime.now(UTC) - latest).total_seconds()


def bloated(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    for index in indexes(connection):
        if index.bloat is not None and index.bloat >= max(limits.index_bloat, limits.index_bloat_share * index.bytes):
            yield Finding(
                Severity.WARNING, "index_bloat", index.name,
                f"about {index.bloat // MB} of {index.bytes // MB} MB of the index {index.name} of {index.table} are "
                "empty (an estimate)",
                "what is read through it takes more pages, and more memory, than needed",
                "build it anew while it is in use; no migration is needed",
                model_of(index.table), endpoints_of_table(index.table),
                (f"REINDEX INDEX CONCURRENTLY {mending.quoted(index.name)}",))


def foreign_keys(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    if not (keys := foreign_keys_unindexed(connection)):
        return
    made = drift.made_by_migrations()
    being_made = {index.name for index in indexes(connection) if not index.valid}  # told as invalid_indexes
    for key in keys:
        known = drift.serving(made, key.table, key.columns)
        if known not in being_made:
            yield without_index(key, known, made.get(known or "", ""))


def without_index(key: ForeignKey, known: str | None, definition: str) -> Finding:
    """A foreign key that no index serves; `known` is the one that the migrations make for it, if they do."""
    if known:
        fix, migration, advice = mending.put_back(known, definition), None, drift.ADVICE
    else:
        fix, migration = mending.create_index(key.table, tuple(key.columns))
        advice = "give it an index" + (", in Meta.indexes and by the migration" if model_of(key.table) else "")
    columns = ", ".join(key.columns)
    return Finding(
        Severity.WARNING, "foreign_keys", f"{key.table}.{columns}",
        f"no index of {key.table} begins with {columns}, which refers to {key.target}" +
        (f": {known} is gone" if known else ""),
        f"each DELETE in {key.target}, and each join from there, reads all of {key.table}, about {key.rows} rows",
        advice, model_of(key.table), endpoints_of_table(key.target), fix, migration)
