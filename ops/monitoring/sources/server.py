"""The primary: its version, its database's size, and what it has done since its statistics were reset."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from ops.monitoring.figures import Figure
from ops.monitoring.rows import fetch, row

SERVER = """
    SELECT current_setting('server_version_num')::int, extract(epoch FROM pg_postmaster_start_time())::float,
           (SELECT count(*) FROM pg_settings WHERE pending_restart), pg_database_size(current_database()),
           xact_commit, xact_rollback, deadlocks, temp_bytes, blks_read, blks_hit, coalesce(checksum_failures, 0),
           extract(epoch FROM stats_reset)::float
    FROM pg_stat_database WHERE datname = current_database()
"""
HITS = """
    SELECT sum(heap_blks_hit)::float / nullif(sum(heap_blks_hit + heap_blks_read), 0),
           sum(idx_blks_hit)::float / nullif(sum(idx_blks_hit + idx_blks_read), 0)
    FROM pg_statio_user_tables
"""
CHECKPOINTS = "SELECT num_timed, num_requested FROM pg_stat_checkpointer"
CHECKPOINTS_16 = "SELECT checkpoints_timed, checkpoints_req FROM pg_stat_bgwriter"
LOG = "SELECT wal_bytes FROM pg_stat_wal"


@dataclass(frozen=True)
class Server:
    """Sizes in bytes; the times are Unix times; counts are since `reset`, which is None where that is not known."""

    version: int
    started: float
    pending_restart: int
    size: int
    commits: int
    rollbacks: int
    deadlocks: int
    temp_bytes: int
    blocks_read: int
    blocks_hit: int
    checksum_failures: int
    reset: float | None


@dataclass(frozen=True)
class Hits:
    """Shares of blocks that were found in shared buffers, from 0 to 1; None where none was asked for."""

    table: float | None
    index: float | None


def server(connection: BaseDatabaseWrapper) -> Server:
    [found] = fetch(Server, connection, SERVER)
    return found


def hits(connection: BaseDatabaseWrapper) -> Hits:
    [found] = fetch(Hits, connection, HITS)
    return found


def figures() -> Iterator[Figure]:
    connection = connections["owner"]
    found, shares = server(connection), hits(connection)
    timed, requested = row(connection, CHECKPOINTS if found.version >= 170_000 else CHECKPOINTS_16)
    for name, value in (
        ("foodshare_postgres_version", found.version), ("foodshare_postgres_started_seconds", found.started),
        ("foodshare_postgres_settings_pending_restart", found.pending_restart),
        ("foodshare_database_size_bytes", found.size), ("foodshare_database_commits_total", found.commits),
        ("foodshare_database_rollbacks_total", found.rollbacks),
        ("foodshare_database_deadlocks_total", found.deadlocks),
        ("foodshare_database_temp_bytes_total", found.temp_bytes),
        ("foodshare_database_blocks_read_total", found.blocks_read),
        ("foodshare_database_blocks_hit_total", found.blocks_hit),
        ("foodshare_database_checksum_failures_total", found.checksum_failures),
        ("foodshare_wal_bytes_total", row(connection, LOG)[0]),
    ):
        yield name, {}, value
    yield "foodshare_database_hit_ratio", {"kind": "table"}, shares.table
    yield "foodshare_database_hit_ratio", {"kind": "index"}, shares.index
    yield "foodshare_checkpoints_total", {"cause": "timed"}, timed
    yield "foodshare_checkpoints_total", {"cause": "requested"}, requested
