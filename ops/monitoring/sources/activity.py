"""What sessions run now, and whom they wait for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from ops.monitoring.figures import Figure
from ops.monitoring.rows import fetch, row

MOST = 100  # sessions that are told of
LOCKS = """
    SELECT mode, count(*) FROM pg_locks
    WHERE database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND pid <> pg_backend_pid()
    GROUP BY 1 ORDER BY 1
"""
WAITS = """
    SELECT count(DISTINCT pid), coalesce(max(extract(epoch FROM clock_timestamp() - waitstart)), 0)::float
    FROM pg_locks WHERE NOT granted
"""
RUNNING = """
    SELECT pid, usename::text, application_name, state, coalesce(wait_event_type || ': ' || wait_event, ''),
           extract(epoch FROM clock_timestamp() - query_start)::float,
           extract(epoch FROM clock_timestamp() - xact_start)::float,
           backend_start AT TIME ZONE 'UTC', pg_blocking_pids(pid), query
    FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND datname = current_database() AND pid <> pg_backend_pid()
          AND (state <> 'idle' OR cardinality(pg_blocking_pids(pid)) > 0)
    ORDER BY xact_start LIMIT %s
"""


@dataclass(frozen=True)
class Session:
    """A session in a transaction. `seconds` since its statement began, `transaction_seconds` since its transaction;
    `blocked_by` are the sessions that hold locks it waits for. `query` has its values, which are people's: to show it
    takes a permission. `pid` and `connected_at` (UTC, naive) together name it for good."""

    pid: int
    user: str
    application: str
    state: str
    wait: str
    seconds: float | None
    transaction_seconds: float | None
    connected_at: datetime
    blocked_by: list[int]
    query: str


def running(connection: BaseDatabaseWrapper, most: int = MOST) -> list[Session]:
    """The sessions that are not idle, the oldest transaction first."""
    return fetch(Session, connection, RUNNING, [most])


def blocked(connection: BaseDatabaseWrapper) -> list[Session]:
    """Those that wait for another's lock."""
    return [session for session in running(connection) if session.blocked_by]


def figures() -> Iterator[Figure]:
    connection = connections["owner"]
    for mode, count in fetch(lambda *columns: columns, connection, LOCKS):
        yield "foodshare_locks", {"mode": mode}, count
    waiting, longest = row(connection, WAITS)
    yield "foodshare_locks_waiting", {}, waiting
    yield "foodshare_lock_wait_oldest_seconds", {}, longest
