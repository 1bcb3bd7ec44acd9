"""Both definitions of the summary give the same rows, printed alike, whatever the tables hold."""

import pytest
from django.db import connections

from groups.summary import query
from tests.groups.datasets import Sizes, fill

pytestmark = pytest.mark.django_db(databases=["default", "owner"])

EDGES = {
    "nothing at all": Sizes(0, 0, 0, 0, 0, 0),
    "no users": Sizes(users=0, members=0),
    "no community users": Sizes(members=0),
    "one community user": Sizes(members=1),
    "only community users": Sizes(members=6),
    "no groups": Sizes(groups=0),
    "no posts": Sizes(posts=0),
    "no exchanges": Sizes(exchanges=0),
    "no ratings": Sizes(ratings=0),
    "one post with many exchanges": Sizes(posts=1, groups=1),
    "one exchange with many ratings": Sizes(exchanges=1, ratings=100),
    "many members": Sizes(users=400, members=399, posts=60),
}


def assert_equal(sizes: Sizes, seed: int) -> None:
    with connections["owner"].cursor() as cursor:
        # What the constraint forbids was possible in the tables of other programs, and must come out right.
        cursor.execute("DROP INDEX exchanges_food_id_active_uniq")
        fill(sizes, seed)
        for one, other in (("exact", "aggregated"), ("aggregated", "exact")):
            for column in ("q", "q::text"):
                cursor.execute(f"SELECT {column} FROM ({query(one)}) q EXCEPT ALL SELECT {column} FROM ({query(other)}) q")
                assert cursor.fetchall() == []
        cursor.execute(f"SELECT count(*) FROM ({query('aggregated')}) q")
        assert cursor.fetchone() == (sizes.groups,)


@pytest.mark.parametrize("sizes", EDGES.values(), ids=EDGES.keys())
def test_on_edge_cases(sizes: Sizes) -> None:
    assert_equal(sizes, seed=1)


@pytest.mark.parametrize("seed", range(16))
def test_on_random_data(seed: int) -> None:
    assert_equal(Sizes(members=1 + seed % 6, groups=1 + seed % 7, exchanges=10 + 5 * seed, ratings=20 + 17 * seed), seed)


def test_the_data_has_ratings_to_average() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("DROP INDEX exchanges_food_id_active_uniq")
        fill(Sizes(), seed=1)
        cursor.execute(f"SELECT count(avg_rating), max(food_posts_30d), max(successful_exchanges_30d) "
                       f"FROM ({query('exact')}) q")
        averages, posts, exchanges = cursor.fetchone()
    assert averages > 1
    assert 0 < posts < 25
    assert 0 < exchanges < 40
