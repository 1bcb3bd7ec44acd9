"""Fixtures of the tests that need committed rows in the summary."""

from collections.abc import Iterator

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from pytest_django import DjangoDbBlocker, Settings

from groups.summary import SOURCES, refresh
from groups.summary_swap import swap

WRITTEN = ["ratings", "exchanges", "food_posts", "group_memberships", "community_groups", "outbox_events",
           "idempotency_keys", "knox_authtoken", "user_global_reputation", "users", "buildings", "neighborhoods"]


@pytest.fixture
def owner(django_db_setup: None, django_db_blocker: DjangoDbBlocker,
          settings: Settings) -> Iterator[BaseDatabaseWrapper]:
    """The owner's connection, in a test that commits; it leaves no row, and document A's query in force.

    It deletes what such a test writes: to TRUNCATE every table takes seconds.
    """
    connection = connections["owner"]
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {', '.join(SOURCES)}")  # the rows of another test may have been counted
        as_migrated(connection)  # other tests empty the tables, not the view
        yield connection
        settings.GROUP_SUMMARY_COST_LIMIT = 10**9
        with connection.cursor() as cursor:
            for table in WRITTEN:
                cursor.execute(f"DELETE FROM {table}")
        as_migrated(connection)
        connections.close_all()


def as_migrated(connection: BaseDatabaseWrapper) -> None:
    """Put document A's query in force, and the tables' present rows in the view."""
    if swap(connection, "exact") is None:
        refresh(connection)
