"""Databases of another program, for the tests of their adoption."""

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from tests.databases import scratch_database
from tests.ops.foreign import create_tables


@pytest.fixture
def foreign_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A database with the four tables as another program made them, empty."""
    with django_db_blocker.unblock(), scratch_database("adopted"):
        create_tables()
        yield
