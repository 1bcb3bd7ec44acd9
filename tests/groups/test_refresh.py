"""Refreshing the summary."""

from datetime import timedelta

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from pytest_django import Settings

from groups.models import GroupActivitySummary
from groups.summary import Busy, SummaryError, TooCostly, exclusively, refresh, status
from groups.summary_swap import swap
from tests.factories import later
from tests.groups.catalog import rows
from tests.groups.datasets import Sizes, fill


def test_shows_what_the_tables_hold_now(owner: BaseDatabaseWrapper) -> None:
    fill(Sizes(groups=3, exchanges=0), seed=1)
    assert GroupActivitySummary.objects.count() == 0
    refresh(owner)
    assert GroupActivitySummary.objects.count() == 3


def test_notes_its_time(owner: BaseDatabaseWrapper) -> None:
    refresh(owner)
    noted = status(owner).refreshed_at
    assert noted is not None
    assert timedelta() <= later() - noted < timedelta(minutes=1)


def test_runs_while_the_view_is_being_read(owner: BaseDatabaseWrapper) -> None:
    """A plain REFRESH would wait for the reader, and time out here."""
    fill(Sizes(groups=3, exchanges=0), seed=1)
    with owner.get_new_connection(owner.get_connection_params()) as reader, owner.cursor() as cursor:
        reader.autocommit = False
        reader.execute("SELECT * FROM group_activity_summary")
        cursor.execute("SET lock_timeout = '1s'")
        refresh(owner)
        cursor.execute("RESET lock_timeout")
    assert GroupActivitySummary.objects.count() == 3


def test_of_the_exact_one_over_the_limit_is_refused(owner: BaseDatabaseWrapper, settings: Settings) -> None:
    fill(Sizes(groups=3, exchanges=0), seed=1)
    settings.GROUP_SUMMARY_COST_LIMIT = 1
    with pytest.raises(TooCostly, match=r"manage\.py group_summary --definition aggregated"):
        refresh(owner)
    assert GroupActivitySummary.objects.count() == 0


def test_of_the_aggregated_one_knows_no_limit(owner: BaseDatabaseWrapper, settings: Settings) -> None:
    swap(owner, "aggregated")
    fill(Sizes(groups=3, exchanges=0), seed=1)
    settings.GROUP_SUMMARY_COST_LIMIT = 1
    refresh(owner)
    assert GroupActivitySummary.objects.count() == 3


def test_tables_never_analyzed_are_analyzed_before_the_estimate(owner: BaseDatabaseWrapper) -> None:
    with owner.cursor() as cursor:
        cursor.execute("TRUNCATE ratings")  # forgets how many rows there were
    assert rows("SELECT reltuples FROM pg_class WHERE relname = 'ratings'") == [(-1.0,)]
    refresh(owner)
    assert rows("SELECT reltuples FROM pg_class WHERE relname = 'ratings'") == [(0.0,)]


def test_a_view_never_filled_is_filled(owner: BaseDatabaseWrapper) -> None:
    with owner.cursor() as cursor:
        cursor.execute("REFRESH MATERIALIZED VIEW group_activity_summary WITH NO DATA")
    assert status(owner).rows is None
    refresh(owner)
    assert status(owner).rows == 0


def test_two_do_not_pile_up(owner: BaseDatabaseWrapper) -> None:
    other = connections.create_connection("owner")
    try:
        with exclusively(other), pytest.raises(Busy):
            refresh(owner)
    finally:
        other.close()
    refresh(owner)


@pytest.mark.django_db(databases=["owner"])
def test_without_a_view_says_what_to_do() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("DROP MATERIALIZED VIEW group_activity_summary")
    with pytest.raises(SummaryError, match=r"manage\.py migrate"):
        refresh(connections["owner"])
