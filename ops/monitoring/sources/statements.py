"""Statements by the time they take, as pg_stat_statements has them, and the endpoints that run them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import sqrt

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from ops.monitoring.figures import Figure
from ops.monitoring.fingerprint import fingerprint
from ops.monitoring.metrics import TOP
from ops.monitoring.rows import fetch, row

MOST = 200  # that are read of the server
SLOW_MEAN, SLOW_CALLS = 20.0, 100  # milliseconds, as PgHero has it
MAY_READ = """
    SELECT current_user, pg_has_role('pg_read_all_stats', 'USAGE'), to_regclass('pg_stat_statements') IS NOT NULL
"""
STATEMENTS = """
    SELECT query, calls, total_exec_time, mean_exec_time, stddev_exec_time, rows, shared_blks_hit, shared_blks_read,
           temp_blks_written
    FROM pg_stat_statements
    WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND query <> '' AND calls > 0
    ORDER BY total_exec_time DESC LIMIT %s
"""
TOTALS = """
    SELECT count(*), count(*) FILTER (WHERE mean_exec_time > %s AND calls >= %s)
    FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
RESET = "SELECT stats_reset AT TIME ZONE 'UTC' FROM pg_stat_statements_info"
ENDPOINTS = """
    SELECT DISTINCT ON (fingerprint) fingerprint, endpoint FROM statement_endpoints
    WHERE fingerprint = ANY(%s) ORDER BY fingerprint, calls DESC, endpoint
"""


class MissingRight(Exception):
    """What is asked for is not there, or the owner's role may not read it; the message says how to mend that."""


@dataclass(frozen=True)
class Statement:
    """What a statement did since statistics were reset: milliseconds, rows, blocks of 8 KB."""

    query: str  # as the server has it, with $1 for values
    calls: int
    total: float
    mean: float
    stddev: float
    rows: int
    blocks_hit: int
    blocks_read: int
    temp_blocks: int

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.query)

    def joined(self, other: "Statement") -> "Statement":
        """The two taken together, which differ only in what the server keeps apart."""
        calls = self.calls + other.calls
        mean = (self.total + other.total) / calls
        squares = sum(each.calls * (each.stddev**2 + each.mean**2) for each in (self, other))
        return Statement(self.query, calls, self.total + other.total, mean, sqrt(max(0.0, squares / calls - mean**2)),
                         self.rows + other.rows, self.blocks_hit + other.blocks_hit,
                         self.blocks_read + other.blocks_read, self.temp_blocks + other.temp_blocks)


def statements(connection: BaseDatabaseWrapper, most: int = MOST) -> dict[str, Statement]:
    """Those that took longest, by fingerprint, the longest first. Raises MissingRight."""
    check_right(connection)
    found: dict[str, Statement] = {}
    for each in fetch(Statement, connection, STATEMENTS, [most]):
        key = each.fingerprint
        found[key] = found[key].joined(each) if key in found else each
    return dict(sorted(found.items(), key=lambda item: -item[1].total))


def check_right(connection: BaseDatabaseWrapper) -> None:
    """Without it the server hides what other roles run. Raises MissingRight."""
    role, may, is_there = row(connection, MAY_READ)
    if not is_there:
        raise MissingRight("the extension pg_stat_statements is missing: `manage.py check --database default` says how "
                           "to add it")
    if not may:
        raise MissingRight(f"the role {role} may not read statistics: as superuser, GRANT pg_monitor TO {role};")


def main_endpoints(connection: BaseDatabaseWrapper, fingerprints: Iterable[str]) -> dict[str, str]:
    """The endpoint that runs each most, as far as one is known."""
    return dict(fetch(lambda *columns: columns, connection, ENDPOINTS, [list(fingerprints)]))


def figures() -> Iterator[Figure]:
    connection = connections["owner"]
    top = dict(list(statements(connection).items())[:TOP])
    endpoints = main_endpoints(connection, top)
    for key, each in top.items():
        labels = {"fingerprint": key}
        yield "foodshare_statement_info", labels | {"endpoint": endpoints.get(key, "")}, 1
        yield "foodshare_statement_calls_total", labels, each.calls
        yield "foodshare_statement_seconds_total", labels, each.total / 1000
        yield "foodshare_statement_mean_seconds", labels, each.mean / 1000
        yield "foodshare_statement_stddev_seconds", labels, each.stddev / 1000
        yield "foodshare_statement_rows_total", labels, each.rows
        yield "foodshare_statement_blocks_hit_total", labels, each.blocks_hit
        yield "foodshare_statement_blocks_read_total", labels, each.blocks_read
        yield "foodshare_statement_temp_blocks_total", labels, each.temp_blocks
    kept, slow = row(connection, TOTALS, [SLOW_MEAN, SLOW_CALLS])
    yield "foodshare_statements_kept", {}, kept
    yield "foodshare_statements_slow", {}, slow
