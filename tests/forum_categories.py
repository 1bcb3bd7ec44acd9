"""Two categories of the forum with partitions, for tests that post through the runtime role.

Partitions are DDL, which only the owner may do and which "default" sees once it is committed. So they are made
before a module's tests and dropped after; the rows are each test's own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker

from groups.models import ForumCategory
from groups.partitions import make_category_partitions

NUMBERS = {"testrecipes": 901, "testtools": 902}  # above what the sequence gives


@contextmanager
def rows_for_a_while() -> Iterator[None]:
    """The categories' rows, on the owner's connection."""
    categories = ForumCategory.objects.using("owner")
    categories.bulk_create(ForumCategory(id=number, slug=slug, name=slug) for slug, number in NUMBERS.items())
    try:
        yield
    finally:
        categories.filter(id__in=NUMBERS.values()).delete()


@pytest.fixture(scope="module")
def forum_partitions(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The partitions for the month of yesterday and the next three or four."""
    owner, today = connections["owner"], datetime.now(UTC).date()
    with django_db_blocker.unblock():
        with rows_for_a_while():
            for slug in NUMBERS:
                for day in (today - timedelta(days=1), today):
                    make_category_partitions(owner, slug, day)
        owner.close()
    yield
    with django_db_blocker.unblock():
        with owner.cursor() as cursor:
            cursor.execute(f"DROP TABLE {', '.join(f'forum_posts_{slug}' for slug in NUMBERS)}")
        owner.close()


@pytest.fixture
def recipes(forum_partitions: None, db: None) -> ForumCategory:
    """An open category."""
    return opened("testrecipes")


@pytest.fixture
def tools(forum_partitions: None, db: None) -> ForumCategory:
    """Another one."""
    return opened("testtools")


def opened(slug: str) -> ForumCategory:
    return ForumCategory.objects.create(id=NUMBERS[slug], slug=slug, name=slug.removeprefix("test").title(),
                                        opened_at=datetime.now(UTC))
