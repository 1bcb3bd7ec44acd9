"""The same scale, seed and date give the same rows, and others give others."""

import pytest
from django.db import connections

from ops.seed import seed
from tests.ops.seed.tools import AT, TABLES, checksums

SIZED = ("users", "food_posts", "community_groups", "messages", "status_updates", "forum_posts")
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def empty_all() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")


@pytest.mark.slow
def test_two_runs_give_the_same_rows() -> None:
    seed("demo", at=AT)
    first = checksums()
    empty_all()
    seed("demo", at=AT)
    assert checksums() == first
    assert all(rows for rows, _ in first.values())


@pytest.mark.slow
def test_another_seed_gives_other_rows_of_the_same_number() -> None:
    seed("demo", at=AT)
    first = checksums()
    empty_all()
    seed("demo", seed=2, at=AT)
    second = checksums()
    assert all(first[table] != second[table] for table in TABLES if table != "forum_categories")
    assert {table: first[table][0] for table in SIZED} == {table: second[table][0] for table in SIZED}


def test_the_size_is_that_of_the_scale() -> None:
    seed("demo", at=AT)
    found = checksums()
    assert [found[table][0] for table in SIZED] == [50, 200, 20, 600, 100, 60]
