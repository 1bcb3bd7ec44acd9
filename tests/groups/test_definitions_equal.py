"""Both definitions of the summary give the same rows, printed alike, whatever the tables hold."""

import pytest
from django.db import connections

from foodshare.models import Exchange, FoodPost, Rating, User
from groups.models import CommunityGroup
from groups.summary import query
from tests.factories import later
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


@pytest.fixture(autouse=True)
def several_exchanges() -> None:
    """What our constraint forbids was possible in the tables of other programs, and must come out right."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("DROP INDEX exchanges_food_id_active_uniq")


def rows(select: str) -> list[tuple[object, ...]]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(select)
        return list(cursor.fetchall())


def differing(one: str, other: str) -> list[tuple[object, ...]]:
    """Rows that only one of two queries gives, by value and by what is printed."""
    pairs = [(one, other), (other, one)]
    return [row for column in ("q", "q::text") for left, right in pairs
            for row in rows(f"SELECT {column} FROM ({left}) q EXCEPT ALL SELECT {column} FROM ({right}) q")]


@pytest.mark.parametrize("sizes", EDGES.values(), ids=EDGES.keys())
def test_on_edge_cases(sizes: Sizes) -> None:
    fill(sizes, seed=1)
    assert differing(query("exact"), query("aggregated")) == []
    assert len(rows(query("aggregated"))) == sizes.groups


@pytest.mark.parametrize("seed", range(16))
def test_on_random_data(seed: int) -> None:
    fill(Sizes(members=1 + seed % 6, groups=1 + seed % 7, exchanges=10 + 5 * seed, ratings=20 + 17 * seed), seed)
    assert differing(query("exact"), query("aggregated")) == []


def test_where_the_scale_of_the_average_depends_on_the_members() -> None:
    """18 stars by 15 ratings has 16 decimals; 12,600 by 10,500, as the exact query divides, has 20."""
    fill(Sizes(users=700, members=700, groups=1, posts=0), seed=1)
    author, group = User.objects.using("owner").all()[0], CommunityGroup.objects.using("owner").get()
    post = FoodPost.objects.using("owner").create(author=author, group=group, title="Bread", pickup_time=later())
    exchange = Exchange.objects.using("owner").create(food=post, recipient=author, status="completed")
    Rating.objects.using("owner").bulk_create([Rating(exchange=exchange, stars=n) for n in [1] * 12 + [2] * 3])
    assert differing(query("exact"), query("aggregated")) == []
    assert differing(query("exact"), query("aggregated").replace(" * community.weight", "")) != []


def test_the_data_has_something_to_count() -> None:
    fill(Sizes(), seed=1)
    counts = "count(avg_rating), max(food_posts_30d), max(successful_exchanges_30d)"
    [(averages, posts, exchanges)] = rows(f"SELECT {counts} FROM ({query('exact')}) q")
    assert isinstance(averages, int)
    assert averages > 1
    assert 0 < posts < 25  # type: ignore[operator]
    assert 0 < exchanges < 40  # type: ignore[operator]
