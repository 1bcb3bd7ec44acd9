"""What the tests of partitioned tables look at: partitions, and plans of statements."""

import json
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from tests.plans import nodes

PARTITIONS = "SELECT relid::regclass::text FROM pg_partition_tree(%s) WHERE isleaf ORDER BY 1"


def partitions(table: str) -> list[str]:
    """The names of the partitions of `table` that hold rows."""
    with connection.cursor() as cursor:
        cursor.execute(PARTITIONS, [table])
        return [name for (name,) in cursor.fetchall()]


def plan_of(queryset: "QuerySet[Any, Any]") -> dict[str, Any]:
    """The plan of a queryset's statement, as PostgreSQL explains it."""
    (explained,) = json.loads(queryset.explain(format="json"))
    plan: dict[str, Any] = explained["Plan"]
    return plan


def tables_of(plan: dict[str, Any]) -> set[str]:
    """The tables and partitions that a plan reads."""
    return {node["Relation Name"] for node in nodes(plan) if "Relation Name" in node}
