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
    SELECT coalesce(sum(heap_blks_hit), 0)::bigint, coalesce(sum(heap_blks_read), 0)::bigint,
           coalesce(sum(idx_blks_hit), 0)::bigint, coalesce(sum(idx_blks_read), 0)::bigint
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
    """Blocks of tables, or of indexes, that were found in shared buffers, and those that were read."""

    found: int
    read: int

    @property
    def asked(self) -> int:
        return self.found + self.read

    @property
    def share(self) -> float | None:
        """Of those asked for how many were found, from 0 to 1; None where none was asked for."""
        return self.found / self.asked if self.asked else None


def server(connection: BaseDatabaseWrapper) -> Server:
    [found] = fetch(Server, connection, SERVER)
    return found


def hits(connection: BaseDatabaseWrapper) -> dict[str, Hits]:
    """By what the blocks are of: table and index."""
    table_found, table_read, index_found, index_read = row(connection, HITS)
    return {"table": Hits(table_found, table_read), "index": Hits(index_found, index_read)}


def figures() -> Iterator[Figure]:
    connection = connections["owner"]
    found = server(connection)
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
    for kind, blocks in hits(connection).items():
        yield "foodshare_database_hit_ratio", {"kind": kind}, blocks.share
    yield "foodshare_checkpoints_total", {"cause": "timed"}, timed
    yield "foodshare_checkpoints_total", {"cause": "requested"}, requested
