"""Which definition the live view has is told by its query, not by its name."""

import pytest
from django.db import connections, transaction

from groups.summary import definition_in_force, query

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


def replace_view(select: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("DROP MATERIALIZED VIEW group_activity_summary")
        cursor.execute(f"CREATE MATERIALIZED VIEW group_activity_summary AS {select} WITH NO DATA")


def test_exact_after_the_migrations() -> None:
    assert definition_in_force(connections["owner"]) == "exact"


def test_aggregated() -> None:
    replace_view(query("aggregated"))
    assert definition_in_force(connections["owner"]) == "aggregated"


def test_neither() -> None:
    replace_view(query("exact").replace("30 days", "31 days"))
    assert definition_in_force(connections["owner"]) is None


def test_no_view() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("DROP MATERIALIZED VIEW group_activity_summary")
    assert definition_in_force(connections["owner"]) is None


def test_a_renamed_column_is_neither() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE ratings RENAME stars TO points")
    assert definition_in_force(connections["owner"]) is None


def test_leaves_nothing_behind() -> None:
    with transaction.atomic(using="owner"):
        definition_in_force(connections["owner"])
        with connections["owner"].cursor() as cursor:
            cursor.execute("SELECT to_regclass('group_activity_summary_probe')")
            assert cursor.fetchone() == (None,)
