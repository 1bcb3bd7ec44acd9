"""What the statements of a piece of code read, as PostgreSQL explains them."""

import json
import time
from collections.abc import Callable
from typing import Any

from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test.utils import CaptureQueriesContext

ALL_VISIBLE = """
    SELECT bool_and(relallvisible = relpages) FROM pg_class
    WHERE relkind = 'r' AND oid IN (SELECT unnest(%(tables)s::regclass[]) UNION
                                    SELECT relid FROM unnest(%(tables)s::regclass[]) AS t, pg_partition_tree(t))
"""

WITH_PAGES = """
    SELECT array_agg(oid::regclass::text) FROM pg_class
    WHERE relkind IN ('r', 'm') AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
"""
FORGET = """
    SELECT pg_clear_attribute_stats(schemaname, tablename, attname, inherited)
    FROM pg_stats WHERE schemaname = 'public'
"""


def renew(owner: BaseDatabaseWrapper) -> None:
    """Vacuum every table, from a session of its own, and have the planner forget the columns of rows that are gone.

    Before PostgreSQL 18 it cannot be made to forget; then it knows at least that there are none.
    """
    with owner.get_new_connection(owner.get_connection_params()) as session:
        session.autocommit = True
        (tables,) = session.execute(WITH_PAGES).fetchone()
        vacuum_by(session, *tables or [])
        if session.info.server_version >= 180_000:
            session.execute(FORGET)


def vacuum(*tables: str) -> None:
    """Vacuum and analyze as the owner, until every page is known to be visible to all, as counted buffers depend on it.

    A query on the standby, be it in another test's database, keeps the primary from knowing it, but for moments only:
    after some seconds the buffers are counted as they are.
    """
    with connections["owner"].cursor() as cursor:
        vacuum_by(cursor, *tables)


def vacuum_by(session: Any, *tables: str) -> None:
    """Vacuum the tables from a session that is in no transaction."""
    for _ in range(25):
        session.execute(f"VACUUM (ANALYZE) {', '.join(tables)}")
        if session.execute(ALL_VISIBLE, {"tables": list(tables)}).fetchone() == (True,):
            break
        time.sleep(0.2)


def selects(work: Callable[[], object]) -> list[str]:
    """The SELECTs that `work` sends, their values written out."""
    with CaptureQueriesContext(connection) as captured:
        work()
    return [each["sql"] for each in captured.captured_queries
            if not each["sql"].startswith(("SAVEPOINT", "RELEASE", "EXPLAIN", "SET"))]


def explained(statement: str) -> dict[str, Any]:
    """The statement's plan, run."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement.replace('%', '%%')}")
        (plan,) = cursor.fetchone()
    (top,) = json.loads(plan) if isinstance(plan, str) else plan
    root: dict[str, Any] = top["Plan"]
    return root


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for child in plan.get("Plans", []) for node in nodes(child))]


def buffers(work: Callable[[], object]) -> int:
    """How many 8 kB pages all its SELECTs touch."""
    plans = [explained(statement) for statement in selects(work)]
    return sum(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] for plan in plans)


def tables(work: Callable[[], object], prefix: str) -> set[str]:
    """The tables and partitions, of those whose names begin so, that its SELECTs are planned over."""
    names = {str(node.get("Relation Name", "")) for statement in selects(work) for node in nodes(explained(statement))}
    return {name for name in names if name.startswith(prefix)}
