"""Standbys of the primary, and the log that is kept for them."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from ops.backups.receiver import SLOT
from ops.monitoring.figures import Figure
from ops.monitoring.rows import fetch

STANDBYS = """
    SELECT coalesce(nullif(application_name, ''), host(client_addr), pid::text), state, sync_state,
           pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::bigint, coalesce(extract(epoch FROM replay_lag), 0)::float
    FROM pg_stat_replication WHERE application_name <> %s ORDER BY 1 LIMIT 100
"""
SLOTS = """
    SELECT slot_name::text, active, coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::bigint,
           coalesce(wal_status = 'lost', false)
    FROM pg_replication_slots WHERE NOT temporary ORDER BY 1 LIMIT 100
"""


@dataclass(frozen=True)
class Standby:
    """`lag_bytes` is the log that it has not replayed, None before it has begun to."""

    name: str
    state: str
    sync_state: str
    lag_bytes: int | None
    lag_seconds: float


@dataclass(frozen=True)
class Slot:
    """A promise to keep log until somebody has read it."""

    name: str
    active: bool
    kept_bytes: int
    lost: bool


def standbys(connection: BaseDatabaseWrapper) -> list[Standby]:
    """Those connected to the primary. Whoever archives its log is none."""
    return fetch(Standby, connection, STANDBYS, [SLOT])


def slots(connection: BaseDatabaseWrapper) -> list[Slot]:
    return fetch(Slot, connection, SLOTS)


def figures() -> Iterator[Figure]:
    found = standbys(connections["owner"])
    for state in sorted({"streaming", *(standby.state for standby in found)}):
        yield "foodshare_replication_standbys", {"state": state}, sum(each.state == state for each in found)
    for standby in found:
        labels = {"standby": standby.name}
        yield "foodshare_replication_lag_bytes", labels, standby.lag_bytes
        yield "foodshare_replication_lag_seconds", labels, standby.lag_seconds
    yield "foodshare_replication_synchronous", {}, sum(each.sync_state in ("sync", "quorum") for each in found)
    for slot in slots(connections["owner"]):
        labels = {"slot": slot.name}
        yield "foodshare_replication_slot_active", labels, slot.active
        yield "foodshare_replication_slot_kept_bytes", labels, slot.kept_bytes
        yield "foodshare_replication_slot_lost", labels, slot.lost
