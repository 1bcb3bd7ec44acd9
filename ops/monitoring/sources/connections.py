"""Connections of clients, and what their transactions have come to."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from ops.monitoring.figures import Figure
from ops.monitoring.rows import fetch, row

STATES = """
    SELECT coalesce(state, 'unknown'), count(*) FROM pg_stat_activity
    WHERE backend_type = 'client backend' GROUP BY 1 ORDER BY 1
"""
OLDEST = """
    SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)::float,
           coalesce(max(extract(epoch FROM clock_timestamp() - state_change))
                    FILTER (WHERE state LIKE 'idle in transaction%'), 0)::float,
           coalesce(max(extract(epoch FROM clock_timestamp() - query_start)) FILTER (WHERE state = 'active'), 0)::float,
           count(*) FILTER (WHERE state = 'active' AND query_start < clock_timestamp() - interval '1 minute'),
           (SELECT count(*) FROM pg_prepared_xacts)
    FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
LIMIT = """
    SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
           - coalesce(current_setting('reserved_connections', true), '0')::int
"""


@dataclass(frozen=True)
class Oldest:
    """Ages in seconds, 0 where there is none: of open transactions, of how long those that wait for their client do
    nothing, and of running statements; how many of these have run for over a minute; and prepared transactions."""

    transaction: float
    idle: float
    query: float
    long: int
    prepared: int


def by_state(connection: BaseDatabaseWrapper) -> dict[str, int]:
    """How many connections clients have, by what these do."""
    return dict(fetch(lambda state, count: (state, count), connection, STATES))


def limit(connection: BaseDatabaseWrapper) -> int:
    """How many they may have."""
    return int(row(connection, LIMIT)[0])


def oldest(connection: BaseDatabaseWrapper) -> Oldest:
    [found] = fetch(Oldest, connection, OLDEST)
    return found


def figures() -> Iterator[Figure]:
    connection = connections["owner"]
    for state, count in by_state(connection).items():
        yield "foodshare_connections", {"state": state}, count
    found = oldest(connection)
    yield "foodshare_connections_limit", {}, limit(connection)
    yield "foodshare_transaction_oldest_seconds", {}, found.transaction
    yield "foodshare_transaction_idle_oldest_seconds", {}, found.idle
    yield "foodshare_query_oldest_seconds", {}, found.query
    yield "foodshare_queries_long", {}, found.long
    yield "foodshare_prepared_transactions", {}, found.prepared
