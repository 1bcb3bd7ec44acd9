"""What the statements of a piece of code read, as PostgreSQL explains them."""

import json
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext


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
