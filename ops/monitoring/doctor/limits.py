"""From where on something counts as a fault. The figures of docs/doctor.md; anchors are PgHero's and the usual rules'.

A small or a new database passes all of them: what costs nothing yet is no finding.
"""

from dataclasses import dataclass

MB, GB = 2**20, 2**30
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0


@dataclass(frozen=True)
class Limits:
    """Times in seconds, sizes in bytes, shares from 0 to 1."""

    # What runs now
    query: float = MINUTE
    idle_in_transaction: float = MINUTE
    blocked: float = 10.0
    connections: float = 0.8  # of those that there may be
    connections_critical: float = 0.95
    # Statements
    statement_mean: float = 0.020
    statement_calls: int = 100
    statement_slower: float = 3.0  # times its mean of the days before
    # Hit rates
    hit_rate: float = 0.99
    hit_rate_blocks: int = 1_000_000  # of tables, or of indexes, looked for before the rate says anything: about 8 GB
    hit_rate_reads: float = 1.0  # times the database's size: each block is read once, whatever the buffers hold
    cache_hit_rate: float = 0.85
    cache_reads: int = 10_000
    cache_stale: float = 0.001
    cache_memory: float = 0.9
    # Tables and indexes
    table_bloat: int = 100 * MB
    table_bloat_share: float = 0.2
    index_bloat: int = 100 * MB
    index_bloat_share: float = 0.3
    index_redundant: int = MB
    index_unused: int = 10 * MB
    statistics_kept: float = 14 * DAY  # before an index without a scan counts as unused
    table_read: int = 1000  # scans of its table in that time
    scans: int = 100  # of a whole table, and calls of a statement that wants an index
    scanned_rows: int = 10_000  # read by each
    # Vacuum, numbers
    xid_age: int = 500_000_000
    xid_age_critical: int = 1_500_000_000
    dead_rows: int = 10_000
    dead_times: float = 2.0  # autovacuum's own threshold
    held_back: int = 10_000_000
    sequence: float = 0.8
    sequence_critical: float = 0.95
    # Replication
    lag: float = 5.0
    lag_bytes: int = 64 * MB
    slot_kept: int = GB
    # Upkeep
    view_age: float = 2 * HOUR
    stream_lag: float = 1000  # entries
    stream_pending: float = 5 * MINUTE
    outbox_age: float = 5 * MINUTE
    pool_waited: float = 0.1  # of those who asked for a connection
    pool_requests: int = 1000
    job_waiting: float = 15 * MINUTE
    # Space
    growth: float = 0.5  # within a week
    growth_bytes: int = GB
    disk_days: float = 30
    disk_free: float = 0.1
    disk_free_critical: float = 0.03
    # The machine
    memory_taken: float = 0.4  # by shared_buffers
