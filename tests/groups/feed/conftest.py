"""Weeks of the past, for as long as one test."""

from collections.abc import Iterator

import pytest
from django.db import connections

from tests.groups.feed.rows import make_weeks

WEEKS = 30


@pytest.fixture
def past(db: None) -> Iterator[None]:
    """Partitions of past weeks. The owner makes them and everything runs in its transaction, which is rolled back."""
    runtime = connections["default"]
    connections["default"] = connections["owner"]
    make_weeks(WEEKS)
    yield
    connections["default"] = runtime
