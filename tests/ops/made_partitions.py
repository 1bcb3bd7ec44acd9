"""Partitions that tests made and that others should not see."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections
from pytest_django import DjangoDbBlocker

CHILDREN = """
SELECT inhrelid::regclass::text FROM pg_inherits
WHERE inhparent IN ('messages'::regclass, 'status_updates'::regclass, 'forum_posts'::regclass)
"""


@contextmanager
def dropped_afterwards(blocker: DjangoDbBlocker) -> Iterator[None]:
    """Drop the partitions that are made meanwhile; made again for each test, they would take most of its time."""
    before = children(blocker)
    yield
    made = children(blocker) - before
    with blocker.unblock(), connections["owner"].cursor() as cursor:
        for name in sorted(made):
            cursor.execute(f"DROP TABLE {name}")


def children(blocker: DjangoDbBlocker) -> set[str]:
    with blocker.unblock(), connections["owner"].cursor() as cursor:
        cursor.execute(CHILDREN)
        return {name for (name,) in cursor.fetchall()}
