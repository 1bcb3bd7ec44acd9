"""A database of each file's own: faults are planted in it, and mended, outside transactions."""

from collections.abc import Iterator
from contextlib import suppress
from functools import partial

import pytest
from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import OperationalError
from pytest_django import DjangoDbBlocker

from tests.databases import pristine, scratch_database
from tests.web.tools import wait_for


@pytest.fixture(scope="module")
def scratch(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[BaseDatabaseWrapper]:
    """The owner's connection to a new copy of the test database, which the standbys show too."""
    shared = connections["owner"].settings_dict["NAME"]
    with django_db_blocker.unblock(), scratch_database("doctor", template=pristine(shared)) as name:
        show(name)
        try:
            yield connections["owner"]
        finally:
            show(shared)


def show(name: str) -> None:
    """Have the standbys' aliases use this database."""
    for alias in settings.REPLICA_ALIASES:
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name
        wait_for(partial(answers, connections[alias]))


def answers(standby: BaseDatabaseWrapper) -> bool:
    """Whether the standby has the database by now."""
    with suppress(OperationalError):
        standby.ensure_connection()
        return True
    return False
