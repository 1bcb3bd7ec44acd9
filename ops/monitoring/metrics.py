"""Every metric that `/metrics` exports, by name: alerts, dashboards and documents may name no other.

Names are `foodshare_<subject>_<what>_<unit>`; units are Prometheus' base units, seconds and bytes, and shares are from
0 to 1. Counters end in `_total`. What processes count themselves is added up over all of a machine; the rest is a
snapshot of the servers, the same for whoever asks within SHARED seconds.
"""

from dataclasses import dataclass
from typing import Literal

SHARED = 5.0  # seconds for which a snapshot is handed out again
TOP = 20  # statements, tables and indexes that are told of one by one


@dataclass(frozen=True)
class Metric:
    """A family of figures, one for each combination of its labels' values."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    labels: tuple[str, ...] = ()


def counter(name: str, help: str, *labels: str) -> Metric:
    return Metric(name, "counter", help, labels)


def gauge(name: str, help: str, *labels: str) -> Metric:
    return Metric(name, "gauge", help, labels)


def histogram(name: str, help: str, *labels: str) -> Metric:
    return Metric(name, "histogram", help, labels)


# Counted by each web process. An endpoint is a route as urls.py has it, never a path, which may name people.
OF_PROCESSES = (
    counter("foodshare_requests_total", "Requests answered, but for probes.", "method", "endpoint", "status"),
    histogram("foodshare_request_seconds", "Time to answer a request.", "method", "endpoint"),
    counter("foodshare_request_queries_total", "SQL statements run for requests.", "method", "endpoint"),
    counter("foodshare_request_query_seconds_total", "Time that requests waited for SQL.", "method", "endpoint"),
    counter("foodshare_request_rows_total", "Rows that SQL returned to requests or changed.", "method", "endpoint"),
    gauge("foodshare_requests_in_progress", "Requests being answered now."),
    gauge("foodshare_processes", "Web processes alive."),
    gauge("foodshare_pool_connections", "Connections that the pools hold.", "alias"),
    gauge("foodshare_pool_connections_available", "Of these, unused ones.", "alias"),
    gauge("foodshare_pool_connections_limit", "Connections that the pools may hold.", "alias"),
    gauge("foodshare_pool_waiting", "Requests waiting for a connection now.", "alias"),
    counter("foodshare_pool_requests_total", "Connections asked for.", "alias"),
    counter("foodshare_pool_waited_total", "Of these, those that had to wait.", "alias"),
    counter("foodshare_pool_failed_total", "Of these, those that got none.", "alias"),
    counter("foodshare_pool_wait_seconds_total", "Time waited for connections.", "alias"),
    counter("foodshare_router_reads_total", "Requests by the server that their reads went to.", "alias"),
    counter("foodshare_router_waits_total", "Readers that waited for a standby to replay what they wrote."),
    counter("foodshare_router_fallbacks_total", "Readers sent to the primary though they might read a standby, by why.",
            "reason"),
    gauge("foodshare_router_in_rotation", "Web processes that read this standby.", "alias"),
    gauge("foodshare_router_watching", "Web processes that watch this standby, as they had a reader within 30 seconds.",
          "alias"),
    gauge("foodshare_router_primary_away", "Web processes that believe the primary away."),
)

OF_SERVERS = (
    # How measuring itself does.
    gauge("foodshare_source_up", "Whether a source of figures could be read.", "source"),
    gauge("foodshare_source_seconds", "Time that reading it took.", "source"),
    gauge("foodshare_snapshot_age_seconds", "Age of the figures of servers."),
    gauge("foodshare_availability_objective_ratio", "Share of requests that is to be answered without a 5xx."),
    gauge("foodshare_availability_ratio", "Share of requests answered without a 5xx, by the worker's history.",
          "window"),
    gauge("foodshare_error_budget_remaining_ratio", "What is left of the failures that 30 days may have."),
    # The PostgreSQL server.
    gauge("foodshare_postgres_up", "Whether the server answers.", "alias"),
    gauge("foodshare_postgres_version", "The primary's version as a number, 180004 for 18.4."),
    gauge("foodshare_postgres_started_seconds", "Unix time of the primary's start."),
    gauge("foodshare_postgres_settings_pending_restart", "Settings that wait for a restart."),
    gauge("foodshare_database_size_bytes", "Size of the database."),
    gauge("foodshare_database_hit_ratio", "Share of blocks found in shared buffers since statistics were reset.",
          "kind"),
    counter("foodshare_database_commits_total", "Transactions committed."),
    counter("foodshare_database_rollbacks_total", "Transactions rolled back."),
    counter("foodshare_database_deadlocks_total", "Deadlocks."),
    counter("foodshare_database_conflicts_total", "Queries cancelled on standbys by recovery.", "alias"),
    counter("foodshare_database_temp_bytes_total", "Bytes of temporary files."),
    counter("foodshare_database_blocks_read_total", "Blocks read from the system."),
    counter("foodshare_database_blocks_hit_total", "Blocks found in shared buffers."),
    counter("foodshare_database_checksum_failures_total", "Pages with a wrong checksum."),
    counter("foodshare_checkpoints_total", "Checkpoints, by what asked for them.", "cause"),
    counter("foodshare_wal_bytes_total", "Write-ahead log made since statistics were reset."),
    # Connections, transactions, locks.
    gauge("foodshare_connections", "Connections of clients.", "state"),
    gauge("foodshare_connections_limit", "Connections that clients may have."),
    gauge("foodshare_transaction_oldest_seconds", "Age of the oldest open transaction."),
    gauge("foodshare_transaction_idle_oldest_seconds", "Longest that an open transaction has done nothing."),
    gauge("foodshare_query_oldest_seconds", "Age of the longest running statement of a client."),
    gauge("foodshare_queries_long", "Statements that have run for over a minute."),
    gauge("foodshare_locks", "Locks held or waited for.", "mode"),
    gauge("foodshare_locks_waiting", "Sessions that wait for a lock."),
    gauge("foodshare_lock_wait_oldest_seconds", "Longest wait for a lock now."),
    gauge("foodshare_prepared_transactions", "Transactions prepared for two-phase commit and left."),
    # Statements: the TOP by total time. The endpoint may become another one, so that it labels nothing else.
    gauge("foodshare_statement_info", "1: the endpoint that runs a statement most, empty where none is known.",
          "fingerprint", "endpoint"),
    counter("foodshare_statement_calls_total", "Calls of a statement.", "fingerprint"),
    counter("foodshare_statement_seconds_total", "Time spent in a statement.", "fingerprint"),
    gauge("foodshare_statement_mean_seconds", "Mean time of a statement.", "fingerprint"),
    gauge("foodshare_statement_stddev_seconds", "Standard deviation of it.", "fingerprint"),
    counter("foodshare_statement_rows_total", "Rows returned or changed.", "fingerprint"),
    counter("foodshare_statement_blocks_hit_total", "Blocks it found in shared buffers.", "fingerprint"),
    counter("foodshare_statement_blocks_read_total", "Blocks it read from the system.", "fingerprint"),
    counter("foodshare_statement_temp_blocks_total", "Temporary blocks written.", "fingerprint"),
    gauge("foodshare_statements_slow", "Statements with a mean over 20 ms in at least 100 calls."),
    gauge("foodshare_statements_kept", "Statements of which statistics are kept."),
    # Tables and indexes: the TOP by size; a partitioned table's figures are the sum of its partitions'.
    gauge("foodshare_table_size_bytes", "Size of a table without its indexes.", "table"),
    gauge("foodshare_table_indexes_size_bytes", "Size of its indexes.", "table"),
    gauge("foodshare_table_rows", "Rows, as the server estimates.", "table"),
    gauge("foodshare_table_dead_rows", "Dead rows, as the server estimates.", "table"),
    gauge("foodshare_table_bloat_bytes", "Space beyond what its rows need, estimated.", "table"),
    counter("foodshare_table_seq_scans_total", "Scans of the whole table.", "table"),
    counter("foodshare_table_index_scans_total", "Scans by an index.", "table"),
    counter("foodshare_table_writes_total", "Rows written.", "table", "kind"),
    gauge("foodshare_table_analyzed_age_seconds", "Time since statistics of its values were taken.", "table"),
    gauge("foodshare_table_vacuumed_age_seconds", "Time since it was vacuumed.", "table"),
    gauge("foodshare_index_size_bytes", "Size of an index.", "table", "index"),
    gauge("foodshare_index_bloat_bytes", "Space beyond what its entries need, estimated.", "table", "index"),
    counter("foodshare_index_scans_total", "Scans of it.", "table", "index"),
    gauge("foodshare_indexes_invalid", "Indexes that no statement may use."),
    gauge("foodshare_indexes_unused", "Indexes, not unique ones, that no statement has used."),
    gauge("foodshare_index_use_ratio", "Share of scans that were by an index, of tables over a thousand rows."),
    gauge("foodshare_constraints_invalid", "Constraints that are not validated."),
    # Vacuum and the end of numbers.
    gauge("foodshare_xid_age", "Transactions since the oldest unfrozen one."),
    gauge("foodshare_xid_limit", "How many there may be before writes stop."),
    gauge("foodshare_multixact_age", "Multixacts since the oldest unfrozen one."),
    gauge("foodshare_vacuum_running", "Vacuums running now."),
    gauge("foodshare_vacuum_overdue", "Tables whose dead rows are beyond autovacuum's threshold."),
    gauge("foodshare_vacuum_held_back_transactions", "Transactions since the oldest that vacuum must still respect."),
    gauge("foodshare_sequence_used_ratio", "Share of a sequence's values that is used: the fullest.", "sequence"),
    # Replication.
    gauge("foodshare_replication_standbys", "Standbys connected to the primary.", "state"),
    gauge("foodshare_replication_lag_bytes", "Log that a standby has not replayed.", "standby"),
    gauge("foodshare_replication_lag_seconds", "How late a standby replays.", "standby"),
    gauge("foodshare_replication_slot_active", "Whether somebody reads the slot.", "slot"),
    gauge("foodshare_replication_slot_kept_bytes", "Log kept for the slot.", "slot"),
    gauge("foodshare_replication_slot_lost", "Whether the slot needs log that is gone.", "slot"),
    gauge("foodshare_replication_synchronous", "Standbys that commits wait for."),
    gauge("foodshare_cluster_leader", "Whether Patroni has a leader, where PATRONI_URL is set."),
    gauge("foodshare_cluster_members", "Members that Patroni tells of.", "state"),
    # Upkeep.
    gauge("foodshare_partitions", "Partitions of a table.", "table"),
    gauge("foodshare_partitions_ahead", "Future partitions of a table: the least of its branches.", "table"),
    gauge("foodshare_partition_findings", "What is wrong with partitions and not mended by upkeep."),
    gauge("foodshare_view_age_seconds", "Time since group_activity_summary was refreshed."),
    gauge("foodshare_view_aggregated", "Whether the view is refreshed by its aggregated definition."),
    gauge("foodshare_migrations_pending", "Migrations of this code that are not applied."),
    gauge("foodshare_disk_free_bytes", "Free space.", "place"),
    gauge("foodshare_disk_size_bytes", "Size of the file system.", "place"),
    # The cache.
    gauge("foodshare_cache_up", "Whether the cache's server answers."),
    counter("foodshare_cache_reads_total", "Questions for values, by what became of them.", "pattern", "outcome"),
    counter("foodshare_cache_loads_total", "Values loaded.", "pattern"),
    counter("foodshare_cache_compared_total", "Hits compared with the database, by what was found.", "pattern",
            "finding"),
    gauge("foodshare_cache_hit_ratio", "Share of questions answered by a tier, since its server keeps count.", "tier"),
    gauge("foodshare_cache_staleness_ratio", "Share of compared hits that were stale."),
    gauge("foodshare_cache_memory_bytes", "Memory of the cache's server."),
    gauge("foodshare_cache_memory_limit_bytes", "What it may use; 0: no limit."),
    counter("foodshare_cache_evictions_total", "Keys evicted."),
    gauge("foodshare_cache_clients", "Clients connected."),
    gauge("foodshare_cache_slow_commands", "Entries of its slow log."),
    # Streams and the outbox.
    gauge("foodshare_streams_up", "Whether the streams' server answers."),
    gauge("foodshare_stream_length", "Entries of a stream, all partitions.", "topic"),
    gauge("foodshare_stream_lag", "Entries that a group has not been handed.", "topic", "group"),
    gauge("foodshare_stream_pending", "Entries handed out and not acknowledged.", "topic", "group"),
    gauge("foodshare_stream_pending_oldest_seconds", "Age of the oldest of these.", "topic", "group"),
    gauge("foodshare_stream_consumers", "Consumers of a group.", "topic", "group"),
    gauge("foodshare_stream_dead_letters", "Events that could not be applied.", "topic"),
    gauge("foodshare_stream_memory_bytes", "Memory of the streams' server."),
    gauge("foodshare_stream_memory_limit_bytes", "What it may use; 0: no limit."),
    gauge("foodshare_outbox_waiting", "Events of the outbox that are not published; counted up to a limit."),
    gauge("foodshare_outbox_oldest_seconds", "Age of the oldest of these."),
    gauge("foodshare_outbox_set_aside", "Events that cannot be published."),
    gauge("foodshare_live_up", "Whether a live process runs and hears."),
    gauge("foodshare_invalidations_waiting", "Notes of changes that are not yet delivered to caches."),
    gauge("foodshare_invalidation_oldest_seconds", "Age of the oldest of these."),
    # Jobs and the worker.
    gauge("foodshare_jobs", "Jobs kept.", "status"),
    gauge("foodshare_job_oldest_seconds", "Longest that a job that could run has waited."),
    gauge("foodshare_job_failures", "Jobs that failed; of a periodic task those since it succeeded.", "task"),
    gauge("foodshare_worker_seen_age_seconds", "Time since the last worker's heartbeat."),
    gauge("foodshare_alerts_judged_age_seconds", "Time since a worker last judged by the rules of alerts."),
    # Backups; see docs/backups.md.
    gauge("foodshare_backups", "Backups kept; none of what follows is told where BACKUP_URL is not set."),
    gauge("foodshare_backup_findings", "What is wrong with backups."),
    gauge("foodshare_backup_free_bytes", "Free space in BACKUP_DIR."),
    gauge("foodshare_backup_age_seconds", "Age of the newest backup."),
    gauge("foodshare_backup_size_bytes", "Size of the newest backup."),
    gauge("foodshare_backup_duration_seconds", "Time that the newest backup took."),
    gauge("foodshare_backup_full_age_seconds", "Age of the newest full backup."),
    gauge("foodshare_backup_full_size_bytes", "Size of the newest full backup."),
    gauge("foodshare_backup_full_duration_seconds", "Time that the newest full backup took."),
    gauge("foodshare_backup_verified_age_seconds", "Time since a backup was last restored to prove it."),
    gauge("foodshare_backup_verified_ok", "Whether that succeeded."),
    gauge("foodshare_backup_rto_seconds", "Time that the restore took."),
    gauge("foodshare_backup_rpo_seconds", "What would have been lost then."),
    gauge("foodshare_wal_archive_active", "Whether the log is being archived."),
    gauge("foodshare_wal_archive_behind_bytes", "Log that is not archived yet."),
    gauge("foodshare_wal_archive_bytes", "Size of the archived log."),
    gauge("foodshare_wal_archive_gap", "Whether log is missing after the newest backup."),
    # The product.
    gauge("foodshare_people_present", "People seen in the last minutes."),
    gauge("foodshare_people", "People registered, as the server estimates."),
    gauge("foodshare_groups", "Community groups, as the server estimates."),
    gauge("foodshare_posts", "Posts, as the server estimates from its statistics.", "status"),
    gauge("foodshare_exchanges", "Exchanges, as the server estimates from its statistics.", "status"),
    gauge("foodshare_moderation_waiting", "What waits for a moderator; counted up to a limit.", "queue"),
)

METRICS = OF_PROCESSES + OF_SERVERS


def as_markdown() -> str:
    """The list as docs/metrics.md has it."""
    rows = [(f"`{metric.name}`", metric.kind, ", ".join(metric.labels), metric.help) for metric in METRICS]
    return "".join(f"| {' | '.join(row)} |\n" for row in [("name", "kind", "labels", "meaning"), ("---",) * 4, *rows])
