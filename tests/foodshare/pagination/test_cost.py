"""Counts are exact up to a cap and estimated beyond; a deep page costs what the first one does."""

from typing import Any

import orjson
import pytest
from django.db import connections
from django.db.models import QuerySet

from foodshare.api.pagination import COUNT_CAP, Cursor, KeysetPagination
from foodshare.models import FoodPost, User
from tests import factories as make
from tests.foodshare.pagination.pages import page
from tests.plans import vacuum

ROWS = 50_000
FILL = """INSERT INTO food_posts (title, pickup_time, created_at, author_id)
          SELECT 'Bread', now(), now() - (n / 7) * interval '1 second', %s FROM generate_series(1, %s) n"""


def fill(author: User, rows: int) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(FILL, [author.pk, rows])


@pytest.mark.django_db
@pytest.mark.parametrize(("rows", "exact"), [(0, True), (1, True), (COUNT_CAP, True), (COUNT_CAP + 1, False)])
def test_the_count_is_exact_up_to_the_cap(rows: int, exact: bool) -> None:
    author = make.make_user()
    fill(author, rows)
    first = page(FoodPost.objects.owned_by(author))
    assert first["total_count_is_exact"] is exact
    assert first["total_count"] == rows if exact else first["total_count"] > COUNT_CAP


def buffers(queryset: QuerySet[Any]) -> int:
    """How many 8 kB pages the query touched."""
    (plan,) = orjson.loads(queryset.explain(format="json", analyze=True, buffers=True))
    return int(plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"])


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_deep_page_reads_no_more_than_the_first_and_the_count_is_estimated() -> None:
    author, paginator = make.make_user(), KeysetPagination()
    fill(author, ROWS)
    vacuum("food_posts")
    posts = FoodPost.objects.owned_by(author)

    def cost(depth: int, backwards: bool) -> int:
        row = posts.order_by("-created_at", "-id")[depth]
        after = paginator.beyond(posts, Cursor(backwards, False, (row.created_at, row.pk)))
        return buffers(paginator.ordered(after, backwards)[:21])

    first = buffers(paginator.ordered(posts, False)[:21])
    costs = [cost(depth, backwards) for depth in (10, ROWS // 2, ROWS - 100) for backwards in (False, True)]
    assert max(costs) <= first + 10, (first, costs)
    assert buffers(paginator.ordered(posts, False)[ROWS // 2:ROWS // 2 + 21]) > 10 * max(costs)  # by number of rows

    shown = page(posts)
    assert shown["total_count_is_exact"] is False
    assert shown["total_count"] == pytest.approx(ROWS, rel=0.1)
