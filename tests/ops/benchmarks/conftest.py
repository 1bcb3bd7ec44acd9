"""The partitions of seeded rows are dropped after the last test here."""

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from tests.ops.made_partitions import dropped_afterwards


@pytest.fixture(scope="package", autouse=True)
def seeded_partitions(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with dropped_afterwards(django_db_blocker):
        yield
