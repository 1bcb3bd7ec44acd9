"""Each list, filter, link and search of the admin is served by an index: none reads or sorts its whole table.

The planner is told to avoid scans and sorts where it can, so that what is left of them on small tables is
what it cannot avoid on large ones.
"""

import json
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foodshare.admin.base import PlatformAdmin
from foodshare.models import Neighborhood, User
from groups.models import GroupActivitySummary
from tests.admin.rows import make_rows, name_of, some, tables_with_rows, url

pytestmark = pytest.mark.django_db
SMALL = {"auth_group", "event_stream_checkpoints"}  # as many rows as there are roles, or consumers


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for child in plan.get("Plans", []) for node in nodes(child))]


def explain(statement: str) -> list[dict[str, Any]]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}")
        (plan,) = cursor.fetchone()
    found: list[dict[str, Any]] = json.loads(plan) if isinstance(plan, str) else plan
    return nodes(found[0]["Plan"])


def statements_on(client: Client, model_admin: PlatformAdmin, query: dict[str, str]) -> list[str]:
    """What the list asks of its own table, counts of the whole table left out: their LIMIT bounds them."""
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(url(model_admin.model, "changelist"), query)
    assert answer.status_code == 200, (query, answer.content[:300])
    own = f'FROM "{model_admin.opts.db_table}"'
    return [each["sql"] for each in captured.captured_queries if own in each["sql"]
            and not ("COUNT(" in each["sql"] and "WHERE" not in each["sql"])]


def reads_whole_table(statement: str) -> list[str]:
    """The nodes of the plan that read or sort a whole table."""
    return [f"{node['Node Type']} {node.get('Relation Name', '')}" for node in explain(statement)
            if (node["Node Type"] == "Seq Scan" and node["Relation Name"] not in SMALL) or node["Node Type"] == "Sort"]


def filters_of(model_admin: PlatformAdmin) -> list[dict[str, str]]:
    return [{found.parameter_name: value} for found in model_admin.list_filter for value in found.conditions]


@pytest.fixture
def many(superuser_client: Client) -> Client:
    make_rows(20)
    User.objects.bulk_create(User(name=f"Adopted {number}") for number in range(300))
    return superuser_client


def test_lists_and_filters_follow_an_index(many: Client) -> None:
    for found in tables_with_rows():
        for query in ({}, *filters_of(found)):
            own = statements_on(many, found, query)
            assert own, name_of(found)
            assert [(name_of(found), query, statement, whole) for statement in own
                    if (whole := reads_whole_table(statement))] == []
