"""What it takes to measure tables and indexes grows with their number alone, however badly the planner knows the
catalog: in a new database it is not analyzed yet."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections

from foodshare.db.operations import sql
from tests.databases import run, value

pytestmark = pytest.mark.django_db(databases=["owner"])
AT_MOST = 110  # rows that are met for each index, in all steps


@pytest.mark.parametrize("name", ["indexes", "tables"])
def test_nothing_is_met_again_and_again(name: str) -> None:
    run("SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_memoize = off")
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql('ops', f'queries/{name}')}", {"most": 10_000})
        [explained] = cursor.fetchone()[0]
    count = value("SELECT count(*) FROM pg_index")
    assert sum(map(rows_met, nodes(explained["Plan"]))) < AT_MOST * count


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def rows_met(node: dict[str, Any]) -> float:
    """Those that a step gave and those that it passed over."""
    passed_over = sum(number for key, number in node.items() if key.startswith("Rows Removed by"))
    return float((node["Actual Rows"] + passed_over) * node["Actual Loops"])
