"""What the statements of a piece of code read, as PostgreSQL explains them."""

import json
import time
from collections.abc import Callable
from typing import Any

from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

ALL_VISIBLE = """
    SELECT bool_and(relallvisible = relpages) FROM pg_class
    WHERE relkind = 'r' AND oid IN (SELECT unnest(%(tables)s::regclass[]) UNION
                                    SELECT relid FROM unnest(%(tables)s::regclass[]) AS t, pg_partition_tree(t))
"""


def vacuum(*tables: str) -> None:
    """Vacuum and analyze as the owner, until every page is known to be visible to all, as counted buffers depend on it.

    A query on the standby, be it in another test's database, keeps the primary from knowing it, but for moments only:
    after some seconds the buffers are counted as they are.
    """
    with connections["owner"].cursor() as cursor:
        for _ in range(25):
            cursor.execute(f"VACUUM (ANALYZE) {', '.join(tables)}")
            cursor.execute(ALL_VISIBLE, {"tables": list(tables)})
            if cursor.fetchone() == (True,):
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
