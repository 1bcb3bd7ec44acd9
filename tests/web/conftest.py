"""Every test here works on the committed test database, through processes of its own."""

from collections.abc import Iterator

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker

from tests.web.tools import cluster

__all__ = ["cluster"]


@pytest.fixture(autouse=True)
def database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The test database without a transaction around the test: other processes must see what is written."""
    with django_db_blocker.unblock():
        yield
        connections.close_all()
