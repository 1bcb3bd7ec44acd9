"""manage.py group_summary."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from pytest_django import Settings

from groups.summary import definition_in_force
from tests.groups.datasets import Sizes, fill


def run(*arguments: str) -> tuple[str, str]:
    """What the command prints on its two streams."""
    out, err = StringIO(), StringIO()
    call_command("group_summary", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_describes_the_view(owner: BaseDatabaseWrapper) -> None:
    out, _ = run()
    assert [line.split()[0] for line in out.splitlines()] == ["definition", "rows", "size", "last", "cost"]
    assert "exact" in out


def test_describes_the_view_as_json(owner: BaseDatabaseWrapper) -> None:
    fill(Sizes(groups=3, exchanges=0), seed=1)
    out, _ = run("--refresh", "--json")
    summary = json.loads(out)
    assert summary["definition"] == "exact"
    assert summary["rows"] == 3
    assert summary["size"] > 0
    assert 0 < summary["estimated_cost"] <= summary["cost_limit"]
    assert summary["refreshed_at"] is not None


def test_swaps_and_says_what_was_compared(owner: BaseDatabaseWrapper) -> None:
    fill(Sizes(groups=3, exchanges=0), seed=1)
    out, err = run("--definition", "aggregated")
    assert "all 3 groups" in err
    assert "aggregated" in out
    assert definition_in_force(owner) == "aggregated"


def test_swap_to_the_one_in_force_says_so(owner: BaseDatabaseWrapper) -> None:
    _, err = run("--definition", "exact")
    assert "Already in force: exact" in err


def test_refresh_over_the_limit_names_the_command_that_swaps(owner: BaseDatabaseWrapper, settings: Settings) -> None:
    settings.GROUP_SUMMARY_COST_LIMIT = 1
    with pytest.raises(CommandError, match="group_summary --definition aggregated") as refusal:
        run("--refresh")
    assert refusal.value.returncode == 1


@pytest.mark.django_db(databases=["owner"])
def test_a_definition_that_is_neither_is_a_finding() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("DROP MATERIALIZED VIEW group_activity_summary")
        cursor.execute("CREATE MATERIALIZED VIEW group_activity_summary AS SELECT 1 AS group_id")
    with pytest.raises(CommandError, match="neither"):
        run()


@pytest.mark.django_db(databases=["owner"])
def test_no_view_is_an_error_that_names_migrate() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("DROP MATERIALIZED VIEW group_activity_summary")
    with pytest.raises(CommandError, match=r"manage\.py migrate"):
        run()


def test_interrupted_it_says_what_holds(owner: BaseDatabaseWrapper) -> None:
    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    with owner.execute_wrapper(interrupt), pytest.raises(CommandError, match="in force") as stop:
        run("--refresh")
    assert stop.value.returncode == 130


def test_two_actions_at_once_are_a_usage_error() -> None:
    with pytest.raises(CommandError, match="not allowed with"):
        run("--refresh", "--definition", "exact")
