"""Databases of another program, for the tests of their adoption; the summary as it was, after tests that swap it."""

from collections.abc import Iterator

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker

from groups.summary_swap import swap
from tests.databases import scratch_database
from tests.ops.foreign import create_tables


@pytest.fixture
def foreign_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A database with the four tables as another program made them, empty."""
    with django_db_blocker.unblock(), scratch_database("adopted"):
        create_tables()
        yield


@pytest.fixture
def exact_summary(transactional_db: None) -> Iterator[None]:
    """Put document A's own query in force again, on empty tables: on full ones it would cost too much."""
    yield
    with connections["owner"].cursor() as cursor:
        cursor.execute("TRUNCATE users, neighborhoods CASCADE")
    swap(connections["owner"], "exact")
