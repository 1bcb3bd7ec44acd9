"""A walk shows every row once, in order, and the walk back gives the same pages."""

from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from django.db.models import QuerySet
from hypothesis import given, settings
from hypothesis import strategies as st

from foodshare.models import FoodPost, User
from groups.models import CommunityGroup
from tests import factories as make
from tests.foodshare.pagination.pages import BY_NAME, page, there_and_back

pytestmark = pytest.mark.django_db
START = make.later(days=-1)


def make_posts(author: User, moments: list[int]) -> None:
    """One post for each moment, given in microseconds after START."""
    FoodPost.objects.bulk_create(
        FoodPost(author=author, title="Bread", pickup_time=make.later(days=1), created_at=moment(number))
        for number in moments)


def moment(number: int) -> datetime:
    return START + timedelta(microseconds=number)


def in_order(queryset: QuerySet[Any], *keys: str) -> list[Any]:
    return list(queryset.order_by(*keys).values_list("pk", flat=True))


@pytest.mark.slow
def test_ten_thousand_rows_at_three_moments() -> None:
    """DRF's own cursor pages go round for ever here."""
    author = make.make_user()
    make_posts(author, [number % 3 for number in range(10_000)])
    posts = FoodPost.objects.owned_by(author)
    pages, back = there_and_back(posts, limit=100)
    assert [key for one in pages for key in one] == in_order(posts, "-created_at", "-id")
    assert [len(one) for one in pages] == [100] * 100
    assert back == pages


def test_over_the_api_the_links_lead_there_and_back() -> None:
    author = make.make_user()
    make_posts(author, [number % 2 for number in range(50)])
    client = make.client_for(author)
    answers = [client.get("/api/v1/food-posts", {"mine": "true", "limit": "7"}).json()]
    while answers[-1]["has_next"]:
        answers.append(client.get(answers[-1]["next"]).json())
    assert answers[-1]["next"] is None
    assert [row["id"] for answer in answers for row in answer["results"]] == [
        str(key) for key in in_order(FoodPost.objects.all(), "-created_at", "-id")]
    for earlier, later in pairwise(answers):
        assert client.get(later["previous"]).json()["results"] == earlier["results"]


@settings(max_examples=25, deadline=None)
@given(moments=st.lists(st.integers(0, 4), max_size=23), limit=st.integers(1, 8))
def test_newest_first_any_rows_any_limit(moments: list[int], limit: int) -> None:
    FoodPost.objects.all().delete()
    make_posts(make.make_user(), moments)
    posts = FoodPost.objects.all()
    pages, back = there_and_back(posts, limit=limit)
    assert [key for one in pages for key in one] == in_order(posts, "-created_at", "-id")
    assert all(len(one) == limit for one in pages[:-1])
    assert back == pages


@settings(max_examples=25, deadline=None)
@given(names=st.lists(st.sampled_from(["", "a", "B", "b", "Ä", "ab", "a b", "'", "ß", "Ω"]), max_size=23),
       limit=st.integers(1, 8))
def test_by_name_ascending_in_the_databases_order(names: list[str], limit: int) -> None:
    CommunityGroup.objects.all().delete()
    CommunityGroup.objects.bulk_create(CommunityGroup(name=name, group_type="community") for name in names)
    groups = CommunityGroup.objects.all()
    pages, back = there_and_back(groups, BY_NAME, limit)
    assert [key for one in pages for key in one] == in_order(groups, "name", "id")
    assert back == pages


@pytest.mark.parametrize("seed", range(20))
def test_rows_come_and_go_during_the_walk(seed: int) -> None:
    """No row is shown twice; of those that were there all the time none is missed."""
    dice, author, posts = Random(seed), make.make_user(), FoodPost.objects.all()
    make_posts(author, [dice.randrange(4) for _ in range(20)])
    steadfast, seen = set(in_order(posts, "id")), []
    current = page(posts, limit=dice.randint(1, 4))
    while current["next"]:
        seen += current["results"]
        steadfast -= lose_some(posts, dice)
        make_posts(author, [dice.randrange(4) for _ in range(dice.randrange(3))])
        current = page(posts, link=current["next"])
    seen += current["results"]
    assert len(seen) == len(set(seen))
    assert steadfast <= set(seen)


@pytest.mark.parametrize("seed", range(20))
def test_rows_go_and_come_during_the_walk_back(seed: int) -> None:
    dice, author, posts = Random(seed), make.make_user(), FoodPost.objects.all()
    make_posts(author, [dice.randrange(4) for _ in range(20)])
    current = page(posts, limit=dice.randint(1, 4))
    while current["next"]:
        current = page(posts, link=current["next"])
    steadfast, seen = set(in_order(posts, "id")), list(current["results"])
    while current["previous"]:
        steadfast -= lose_some(posts, dice)
        make_posts(author, [dice.randrange(4) for _ in range(dice.randrange(3))])
        current = page(posts, link=current["previous"])
        seen += current["results"]
    assert len(seen) == len(set(seen))
    assert steadfast <= set(seen)


def lose_some(posts: QuerySet[FoodPost], dice: Random) -> set[Any]:
    """Delete up to two rows; return their ids."""
    there = in_order(posts, "created_at", "id")
    gone = set(dice.sample(there, min(len(there), dice.randrange(3))))
    posts.filter(pk__in=gone).delete()
    return gone


def test_a_page_with_nothing_on_it() -> None:
    empty = page(FoodPost.objects.all())
    assert empty == {"next": None, "previous": None, "has_next": False, "total_count": 0,
                     "total_count_is_exact": True, "results": []}


def test_when_all_that_follows_is_gone_the_way_back_is_whole() -> None:
    make_posts(make.make_user(), [1, 1, 2, 2, 3])
    posts = FoodPost.objects.all()
    (first, second, third), _ = there_and_back(posts, limit=2)
    link = page(posts, link=page(posts, limit=2)["next"])["next"]
    posts.filter(pk__in=third).delete()
    empty = page(posts, link=link)
    assert (empty["results"], empty["has_next"], empty["next"]) == ([], False, None)
    back = page(posts, link=empty["previous"])
    assert (back["results"], back["has_next"], back["next"]) == (second, False, None)
    assert page(posts, link=back["previous"])["results"] == first


def test_when_all_that_precedes_is_gone_the_way_on_is_whole() -> None:
    make_posts(make.make_user(), [1, 1, 2, 2, 3])
    posts = FoodPost.objects.all()
    (first, second, third), _ = there_and_back(posts, limit=2)
    link = page(posts, link=page(posts, limit=2)["next"])["previous"]
    posts.filter(pk__in=first).delete()
    empty = page(posts, link=link)
    assert (empty["results"], empty["previous"], empty["has_next"]) == ([], None, True)
    on = page(posts, link=empty["next"])
    assert on["results"] == second
    assert page(posts, link=on["next"])["results"] == third
