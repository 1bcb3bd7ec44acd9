"""Each list, filter, link and search of the admin is served by an index: none reads or sorts its whole table.

The planner is told to avoid scans and sorts where it can, so that what is left of them on small tables is
what it cannot avoid on large ones.
"""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foodshare.admin.base import PlatformAdmin
from foodshare.models import User
from tests.admin.rows import make_rows, name_of, some, tables_with_rows, url

pytestmark = pytest.mark.django_db
# As many rows as there are roles, consumers, or subjects of the forum.
SMALL = {"auth_group", "event_stream_checkpoints", "forum_categories"}


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for child in plan.get("Plans", []) for node in nodes(child))]


def explain(statement: str) -> list[dict[str, Any]]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}")
        (plan,) = cursor.fetchone()
    found: list[dict[str, Any]] = json.loads(plan) if isinstance(plan, str) else plan
    return nodes(found[0]["Plan"])


def scans(statement: str) -> list[str]:
    """Tables that the statement reads whole."""
    return [node["Relation Name"] for node in explain(statement)
            if node["Node Type"] == "Seq Scan" and node["Relation Name"] not in SMALL]


def asked(client: Client, model_admin: PlatformAdmin, query: dict[str, str]) -> tuple[list[str], list[str]]:
    """The counting and the listing statements of the list's own table."""
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(url(model_admin.model, "changelist"), query)
    assert answer.status_code == 200, (query, answer.content[:300])
    own = [each["sql"] for each in captured.captured_queries if f'FROM "{model_admin.opts.db_table}"' in each["sql"]]
    return [sql for sql in own if "COUNT(" in sql], [sql for sql in own if "ORDER BY" in sql]


def filters_of(model_admin: PlatformAdmin) -> list[dict[str, str]]:
    return [{found.parameter_name: value} for found in model_admin.list_filter for value in found.conditions]


def conditions_of(model_admin: PlatformAdmin) -> list[dict[str, str]]:
    """Each filter, each link from another page, and a search by each of its columns."""
    row = some(model_admin.model)
    links = [{lookup: str(getattr(row, lookup.replace("__id__exact", "_id")) or uuid4())}
             for lookup in model_admin.link_lookups]
    people = [{"q": str(User.objects.exclude(email=None)[0].email)}]
    columns = [name for name in model_admin.search_fields if not name.endswith("__email")]
    values = [getattr(row, name.split("__")[0]) for name in columns]
    return [*filters_of(model_admin), *links, *people, *({"q": str(value)} for value in values if value is not None)]


@pytest.fixture
def many(superuser_client: Client) -> Client:
    make_rows(20)
    User.objects.bulk_create(User(name=f"Adopted {number}") for number in range(300))
    return superuser_client


@pytest.mark.slow
def test_lists_and_filters_come_in_the_order_of_an_index(many: Client) -> None:
    for found in tables_with_rows():
        for query in ({}, *filters_of(found)):
            _, (listing,) = asked(many, found, query)
            kinds = [node["Node Type"] for node in explain(listing)]
            assert "Sort" not in kinds, (name_of(found), query, kinds)
            assert scans(listing) == [], (name_of(found), query)


@pytest.mark.slow
def test_every_condition_is_served_by_an_index(many: Client) -> None:
    """The count shows it: no order lets it walk another index, so it reads the table whole or uses the right one."""
    for found in tables_with_rows():
        served = 0
        for query in conditions_of(found):
            countings, _ = asked(many, found, query)  # none where a term of this form finds nothing
            served += len(countings)
            assert [(query, sql) for sql in countings if "WHERE" not in sql or scans(sql)] == [], name_of(found)
        assert served, name_of(found)


def test_a_condition_without_an_index_would_be_found(many: Client) -> None:
    assert scans("SELECT COUNT(*) FROM (SELECT 1 FROM users WHERE apartment = '2B' LIMIT 1001) s") == ["users"]
