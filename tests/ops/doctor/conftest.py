"""A database of each file's own: faults are planted in it, and mended, outside transactions."""

from collections.abc import Iterator

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from pytest_django import DjangoDbBlocker

from tests.databases import pristine, scratch_database


@pytest.fixture(scope="module")
def scratch(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[BaseDatabaseWrapper]:
    """The owner's connection to a new copy of the test database."""
    shared = connections["owner"].settings_dict["NAME"]
    with django_db_blocker.unblock(), scratch_database("doctor", template=pristine(shared)):
        yield connections["owner"]
