"""Statements that are slow, that became slower, or that read whole tables for want of an index."""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Sum

from ops.models import StatementSample
from ops.monitoring.doctor import mending
from ops.monitoring.doctor.findings import Finding, Severity
from ops.monitoring.doctor.limits import Limits
from ops.monitoring.doctor.names import endpoints_of_statement, endpoints_of_table, model_of, models_by_table
from ops.monitoring.fingerprint import normal
from ops.monitoring.rows import fetch
from ops.monitoring.sources.indexes import Index, indexes
from ops.monitoring.sources.statements import Statement, statements
from ops.monitoring.sources.tables import Table, tables

SHOWN = 300  # characters of a statement
# Conditions without values, as Django writes them, "table"."column" = ?, or as people do, t.column = ?
CONDITION = re.compile(r'"?\b(?P<table>\w+)"?\."?(?P<column>\w+)"? ?(?:=|IN\b|>=|<=|>|<)')
ALIAS = re.compile(r'\b(?:FROM|JOIN|UPDATE) ?"?(?P<table>\w+)"?(?: AS)? "?(?P<alias>\w+)"?', re.I)
CATALOG = re.compile(r"\b(?:FROM|JOIN)\s+(?:pg_catalog\.)?pg_", re.I)
DISTINCT = """
    SELECT attname::text, CASE WHEN n_distinct < 0 THEN -n_distinct * %(rows)s ELSE n_distinct END::float
    FROM pg_stats WHERE schemaname = 'public' AND tablename = %(table)s AND inherited = %(is_partitioned)s
"""
LEAST_DISTINCT = 10  # values, below which an index on a column alone finds too much
MEMORY = timedelta(days=7)


def slow(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    for key, found in statements(connection).items():
        if is_of_catalog(found.query):  # monitoring's own, and whoever else looks at the server
            continue
        if found.mean >= limits.statement_mean * 1000 and found.calls >= limits.statement_calls:
            table = first_table(found.query)
            yield Finding(
                Severity.WARNING, "slow_queries", key,
                f"{found.mean:.0f} ms on average in {found.calls} calls, {found.rows / found.calls:.0f} rows and "
                f"{(found.blocks_hit + found.blocks_read) / found.calls:.0f} blocks each: "
                f"{normal(found.query)[:SHOWN]}",
                "whoever asks waits for it, and so do those who need its connection",
                f"look at its plan: `manage.py explain {key}`, or the dashboard; then look for a missing index, a page "
                "without a bound, or statistics out of date", model_of(table) if table else None,
                endpoints_of_statement(key), (f"ANALYZE {table}",) if table else ())


def is_of_catalog(query: str) -> bool:
    """Whether it reads what the server knows of itself, and none of our tables."""
    return CATALOG.search(query) is not None and first_table(query) is None


def first_table(query: str) -> str | None:
    """The first of our tables that a statement names."""
    return next((word for word in re.findall(r"\w+", normal(query)) if word in models_by_table()), None)


def slower(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    """Statements whose mean in the last whole hour is far above that of the week before."""
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    kept = StatementSample.objects.using("owner").order_by().values("fingerprint").annotate(
        called=Sum("calls"), took=Sum("milliseconds"))
    before = {row["fingerprint"]: row for row in kept.filter(at__gte=hour - MEMORY, at__lt=hour)}
    for row in kept.filter(at__gte=hour):
        old = before.get(row["fingerprint"])
        if not old or min(old["called"], row["called"]) < limits.statement_calls:
            continue
        mean, usual = row["took"] / row["called"], old["took"] / old["called"]
        if mean >= limits.statement_mean * 1000 and mean >= limits.statement_slower * usual:
            key = row["fingerprint"]
            yield Finding(
                Severity.WARNING, "slower_queries", key,
                f"{mean:.0f} ms on average since {hour:%H:%M} UTC; in the week before {usual:.1f} ms",
                "its plan has changed, its rows have grown, or the server has less to give",
                f"look at its plan: `manage.py explain {key}`, or the dashboard",
                endpoints=endpoints_of_statement(key))


def missing_indexes(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    """Columns by which statements look for rows in tables that are read whole again and again.

    What statements these are is told by pg_stat_statements; of their columns the one with the most values is taken.
    """
    read_whole = {table.name: table for table in tables(connection)
                  if table.seq_scans >= limits.scans and table.seq_rows >= limits.scans * limits.scanned_rows}
    if not read_whole:
        return
    found, asked = indexes(connection), wanted(connection, limits)
    for name, table in read_whole.items():
        served = leading(found, name)
        unserved = {key: columns for key, columns in asked[name].items() if not columns & served}
        if unserved:
            yield from suggested(connection, table, unserved)


def wanted(connection: BaseDatabaseWrapper, limits: Limits) -> dict[str, dict[str, set[str]]]:
    """By table and statement, the columns that a statement which often reads much compares."""
    conditions: dict[str, dict[str, set[str]]] = defaultdict(dict)
    for key, statement in statements(connection).items():
        if statement.calls >= limits.scans and reads_much(statement, limits):
            for table, column in compared(normal(statement.query)):
                conditions[table].setdefault(key, set()).add(column)
    return conditions


def compared(query: str) -> Iterator[tuple[str, str]]:
    """Tables and columns that a statement compares with something, whatever name it gives the table."""
    names = {match["alias"]: match["table"] for match in ALIAS.finditer(query)}
    for match in CONDITION.finditer(query):
        yield names.get(match["table"], match["table"]), match["column"]


def reads_much(statement: Statement, limits: Limits) -> bool:
    """Whether it touches more blocks than rows found by an index would need; about 100 rows are in one."""
    blocks = (statement.blocks_hit + statement.blocks_read) / statement.calls
    return blocks >= max(limits.scanned_rows / 100, 4 * statement.rows / statement.calls)


def leading(found: list[Index], table: str) -> set[str]:
    """The columns that a whole index of the table begins with."""
    return {index.columns[0] for index in found if index.table == table and index.valid and not index.predicate}


def suggested(connection: BaseDatabaseWrapper, table: Table, asked: dict[str, set[str]]) -> Iterator[Finding]:
    values = {"table": table.name, "rows": table.rows, "is_partitioned": table.parts > 1}
    distinct = dict(fetch(lambda name, count: (name, count), connection, DISTINCT, values))
    columns = {column for each in asked.values() for column in each if distinct.get(column, 0) >= LEAST_DISTINCT}
    if not columns:
        return
    best = max(sorted(columns), key=lambda column: distinct[column])
    fix, migration = mending.create_index(table.name, (best,))
    endpoints = [endpoint for key in asked for endpoint in endpoints_of_statement(key)]
    yield Finding(
        Severity.WARNING, "missing_indexes", f"{table.name}.{best}",
        f"{table.name} was read whole {table.seq_scans} times, {table.seq_rows} rows in all, and "
        f"statements look for {best}, of which there are about {distinct[best]:.0f} values",
        "what an index finds in a few pages is looked for in all of them",
        "give it an index, and look at the plan again",
        model_of(table.name), tuple(dict.fromkeys(endpoints)) or endpoints_of_table(table.name), fix, migration)
