"""group_activity_summary: which of its two definitions is in force, what it costs, and its refresh.

"exact" is document A's query as written; "aggregated" gives the same rows at a cost that does not grow with
users × posts. Everything here runs on the owner's connection, outside a transaction unless it says otherwise.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.conf import settings
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.utils import ProgrammingError
from psycopg import sql as composed
from psycopg.errors import UndefinedColumn, UndefinedTable

from foodshare.db.locks import alone
from foodshare.db.operations import sql

Definition = Literal["exact", "aggregated"]

VIEW = "group_activity_summary"
PROBE = "group_activity_summary_probe"
FILES: dict[Definition, str] = {
    "exact": "group_activity_summary",
    "aggregated": "group_activity_summary_aggregated",
}
SOURCES = ["community_groups", "users", "food_posts", "exchanges", "ratings"]
SWAP_COMMAND = "manage.py group_summary --definition aggregated"
STAMP = "as of "  # how the view's comment begins; the time follows


class SummaryError(Exception):
    """The summary cannot be refreshed, swapped or described; the message says why and what to do."""


class Busy(SummaryError):
    """Another refresh or swap of the summary is under way."""


class TooCostly(SummaryError):
    """The exact definition would cost more than GROUP_SUMMARY_COST_LIMIT."""


@dataclass(frozen=True)
class Status:
    """What is known of the live view. Size in bytes, with indexes; costs in the planner's units.

    `refreshed_at` is as of when its rows are, where `refresh` or a swap wrote them; a direct call of document
    A's function leaves no trace of its time.
    """

    definition: Definition | None
    rows: int | None
    size: int
    refreshed_at: datetime | None
    estimated_cost: float
    cost_limit: int


def query(definition: Definition) -> str:
    """The SELECT of a definition, as its file has it."""
    _, _, rest = sql("groups", FILES[definition]).partition(f"CREATE MATERIALIZED VIEW {VIEW} AS\n")
    return rest.partition(";")[0]


def definition_in_force(connection: BaseDatabaseWrapper) -> Definition | None:
    """Which definition the live view has; None: neither, or there is no view.

    The server prints both as views, so that its own formatting and version do not matter. Needs the primary
    and the right to make temporary views; may run inside a transaction, and leaves nothing behind.
    """
    with connection.cursor() as cursor:
        live = printed(cursor, VIEW)
    if live is None:
        return None
    return next((name for name in FILES if printed_query(connection, name) == live), None)


def printed(cursor: CursorWrapper, view: str) -> str | None:
    """The query of a view as the server prints it; None if there is no such view."""
    cursor.execute("SELECT pg_get_viewdef(to_regclass(%s))", [view])
    text: str | None = cursor.fetchone()[0]
    return text and text.rstrip(";")


def printed_query(connection: BaseDatabaseWrapper, definition: Definition) -> str | None:
    """A definition as the server would print it; None if the tables no longer have what it names."""
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMP VIEW {PROBE} AS {query(definition)}")
            text = printed(cursor, PROBE)
            transaction.set_rollback(True, using=connection.alias)
            return text
    except ProgrammingError as error:
        if isinstance(error.__cause__, UndefinedColumn | UndefinedTable):
            return None
        raise


def estimate_cost(cursor: CursorWrapper, select: str, parameters: Sequence[Any] | None = None) -> float:
    """The planner's total cost of a query."""
    cursor.execute(f"EXPLAIN (FORMAT JSON) {select}", parameters)
    (plan,) = cursor.fetchone()
    cost: float = plan[0]["Plan"]["Total Cost"]
    return cost


def estimate_definition(connection: BaseDatabaseWrapper, definition: Definition) -> float:
    """The cost of a definition's query on what the tables hold now."""
    with connection.cursor() as cursor:
        analyze_unknown(cursor)
        return estimate_cost(cursor, query(definition))


def analyze_unknown(cursor: CursorWrapper) -> None:
    """Analyze the tables that never were, after a load for instance: an estimate without statistics is a guess."""
    cursor.execute("SELECT relname FROM pg_class WHERE oid = ANY(%s::regclass[]) AND reltuples < 0", [SOURCES])
    for (table,) in cursor.fetchall():
        cursor.execute(f"ANALYZE {table}")


def live_cost(connection: BaseDatabaseWrapper) -> float:
    """The cost of what a refresh would run. Raises SummaryError when there is no view."""
    with connection.cursor() as cursor:
        live = printed(cursor, VIEW)
        if live is None:
            raise SummaryError(f"there is no {VIEW}: run `manage.py migrate` first")
        analyze_unknown(cursor)
        return estimate_cost(cursor, live)


def refuse_too_costly(cost: float) -> None:
    """Raise TooCostly if the exact definition, at `cost`, is over the limit."""
    limit = settings.GROUP_SUMMARY_COST_LIMIT
    if cost > limit:
        raise TooCostly(
            f"document A's query is estimated at a cost of {cost:,.0f}, over GROUP_SUMMARY_COST_LIMIT ({limit:,}): "
            f"it would run for minutes to hours. `{SWAP_COMMAND}` puts the equal, cheap one in force."
        )


@contextmanager
def exclusively(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Hold the one right to refresh or swap, or raise Busy: two workers must not pile up."""
    with alone(connection, VIEW) as is_alone:
        if not is_alone:
            raise Busy(Busy.__doc__)
        yield


def refresh(connection: BaseDatabaseWrapper) -> None:
    """Refresh the view by document A's function, without holding up its readers.

    Raises TooCostly before anything is done when any but the aggregated definition is over the cost limit.
    """
    with exclusively(connection):
        cost = live_cost(connection)
        if definition_in_force(connection) != "aggregated":
            refuse_too_costly(cost)
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            # An empty view, from a restore for instance, cannot be refreshed concurrently.
            cursor.execute("SELECT refresh_group_activity_summary()" if is_populated(cursor)
                           else f"REFRESH MATERIALIZED VIEW {VIEW}")
            stamp(cursor, VIEW)
            forget_kept(cursor)


def forget_kept(cursor: CursorWrapper) -> None:
    """Have the cache drop all groups' summaries at this transaction's commit: a refresh fires no trigger."""
    cursor.execute("SELECT note_cache_invalidations('group_summary', ARRAY['*'])")


def is_populated(cursor: CursorWrapper) -> bool:
    cursor.execute("SELECT relispopulated FROM pg_class WHERE oid = %s::regclass", [VIEW])
    return bool(cursor.fetchone()[0])


def stamp(cursor: CursorWrapper, view: str) -> None:
    """Note on the view that its rows are as of this transaction's now()."""
    cursor.execute("SELECT now()")
    (now,) = cursor.fetchone()
    statement = composed.SQL("COMMENT ON MATERIALIZED VIEW {} IS {}")
    cursor.execute(statement.format(composed.Identifier(view), composed.Literal(STAMP + now.isoformat())))


def refreshed_at(cursor: CursorWrapper) -> datetime | None:
    """As of when the view's rows are; None where nothing noted it."""
    cursor.execute("SELECT obj_description(to_regclass(%s), 'pg_class')", [VIEW])
    comment = cursor.fetchone()[0] or ""
    return datetime.fromisoformat(comment.removeprefix(STAMP)) if comment.startswith(STAMP) else None


def status(connection: BaseDatabaseWrapper) -> Status:
    """Describe the live view. Raises SummaryError when there is none."""
    cost = live_cost(connection)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size(%s::regclass)", [VIEW])
        (size,) = cursor.fetchone()
        return Status(
            definition=definition_in_force(connection),
            rows=count_rows(cursor) if is_populated(cursor) else None,
            size=size,
            refreshed_at=refreshed_at(cursor),
            estimated_cost=cost,
            cost_limit=settings.GROUP_SUMMARY_COST_LIMIT,
        )


def count_rows(cursor: CursorWrapper) -> int:
    cursor.execute(f"SELECT count(*) FROM {VIEW}")
    rows: int = cursor.fetchone()[0]
    return rows
