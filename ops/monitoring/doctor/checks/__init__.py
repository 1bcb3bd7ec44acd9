"""Every check of the doctor by its name, in the order in which they are made; docs/doctor.md has their limits."""

from collections.abc import Callable, Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

from ops.monitoring.doctor.checks import drift, indexes, plans, servers, sessions, statements, tables, upkeep
from ops.monitoring.doctor.findings import Finding
from ops.monitoring.doctor.limits import Limits

Check = Callable[[BaseDatabaseWrapper, Limits], Iterator[Finding]]

CHECKS: dict[str, Check] = {
    "long_queries": sessions.long_queries,
    "idle_in_transaction": sessions.idle_in_transaction,
    "blocked": sessions.blocked,
    "connections": sessions.used_up,
    "slow_queries": statements.slow,
    "slower_queries": statements.slower,
    "plans": plans.regressions,
    "missing_indexes": statements.missing_indexes,
    "foreign_keys": indexes.foreign_keys,
    "invalid_indexes": indexes.invalid,
    "invalid_constraints": tables.unvalidated,
    "duplicate_indexes": indexes.duplicate,
    "redundant_indexes": indexes.redundant,
    "unused_indexes": indexes.unused,
    "index_bloat": indexes.bloated,
    "table_bloat": tables.bloated,
    "vacuum": tables.overdue,
    "vacuum_held_back": tables.held_back,
    "wraparound": tables.wraparound,
    "sequences": tables.full_sequences,
    "hit_rates": servers.hit_rates,
    "cache": upkeep.cache_hits,
    "pools": upkeep.pool_waits,
    "replication": servers.replicas,
    "replication_slots": servers.slots,
    "settings": servers.server_settings,
    "migrations": servers.pending_migrations,
    "schema": drift.schema,
    "partitions": upkeep.partitions,
    "view_age": upkeep.stale_view,
    "view_cost": upkeep.quadratic_view,
    "streams": upkeep.stream_lag,
    "outbox": upkeep.outbox_waits,
    "jobs": upkeep.waiting_jobs,
    "backups": upkeep.backups,
    "disk": servers.disks,
    "space_growth": servers.growth,
}
