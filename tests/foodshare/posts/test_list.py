"""The list of posts: its filters, its default, what it refuses, and its number of queries."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from foodshare.models import User
from groups.models import CommunityGroup
from tests import factories as make

pytestmark = pytest.mark.django_db
URL = "/api/v1/food-posts"


@pytest.fixture
def group() -> CommunityGroup:
    return make.make_group()


@pytest.fixture
def author(group: CommunityGroup) -> User:
    return make.make_member(group)


def titles(user: User, **query: str) -> list[str]:
    answer = make.client_for(user).get(URL, query)
    assert answer.status_code == 200, answer.json()
    return [result["title"] for result in answer.json()["results"]]


def test_newest_come_first(author: User, group: CommunityGroup) -> None:
    for title, hours in (("old", -3), ("new", -1), ("middle", -2)):
        make.make_post(author, group, title=title, created_at=make.later(hours=hours))
    assert titles(author) == ["new", "middle", "old"]


def test_by_default_only_what_can_be_claimed(author: User, group: CommunityGroup) -> None:
    make.make_post(author, group, title="open")
    make.make_post(author, group, title="past", pickup_time=make.later(seconds=-1))
    for status in ("claimed", "completed", "withdrawn", "expired"):
        make.make_post(author, group, title=status, status=status)
    assert titles(author) == titles(author, status="available") == ["open"]
    assert titles(author, status="claimed") == ["claimed"]
    assert len(titles(author, mine="true")) == 6
    assert sorted(titles(author, mine="true", status="expired")) == ["expired", "past"]


def test_mine_leaves_out_the_others(author: User, group: CommunityGroup) -> None:
    make.make_post(author, group, title="mine")
    make.make_post(make.make_member(group), group, title="other")
    assert titles(author, mine="true") == ["mine"]
    assert set(titles(author)) == {"mine", "other"}


def test_group_and_category_narrow(author: User, group: CommunityGroup) -> None:
    second = make.make_group()
    make.make_member(second, author)
    make.make_post(author, group, title="bread", category="bread")
    make.make_post(author, second, title="milk", category="dairy")
    assert titles(author, group=str(second.pk)) == ["milk"]
    assert titles(author, category="bread") == ["bread"]
    assert titles(author, category="bread", group=str(second.pk)) == []


@pytest.mark.parametrize(("text", "found"), [
    ("RYE", {"Rye bread"}), ("garden", {"Plums"}), ("%", {"100% juice"}), ("_", set()), ("ÜB", {"Kürbis übrig"}),
    ("'; DROP", set()),
])
def test_text_is_sought_in_title_and_description(author: User, group: CommunityGroup, text: str,
                                                 found: set[str]) -> None:
    for title, description in (("Rye bread", ""), ("Plums", "From our Garden"), ("100% juice", ""),
                               ("Kürbis übrig", "")):
        make.make_post(author, group, title=title, description=description)
    assert set(titles(author, q=text)) == found


def test_a_window_of_pickup(author: User, group: CommunityGroup) -> None:
    noon = make.later(days=2)
    for title, hours in (("early", -3), ("noon", 0), ("late", 3)):
        make.make_post(author, group, title=title, pickup_time=noon + timedelta(hours=hours))
    after, before = (noon - timedelta(hours=1)).isoformat(), (noon + timedelta(hours=1)).isoformat()
    assert titles(author, pickup_after=after, pickup_before=before) == ["noon"]
    assert set(titles(author, pickup_after=noon.isoformat())) == {"noon", "late"}
    assert set(titles(author, pickup_before=noon.isoformat())) == {"noon", "early"}


@pytest.mark.parametrize(("name", "value"), [
    ("group", "x"), ("category", "stones"), ("status", "gone"), ("mine", "maybe"), ("q", "x" * 101),
    ("pickup_after", "soon"), ("pickup_after", "2026-13-01T00:00:00Z"), ("pickup_before", "9999-12-31T23:59:59-14:00"),
    ("pickup_before", "0001-01-01T00:00:00+14:00"), ("author", "x"), ("ordering", "title"), ("page", "2"),
    ("offset", "20"), ("limit", "101"), ("cursor", "x"),
])
def test_a_bad_parameter_is_named(author: User, name: str, value: str) -> None:
    answer = make.client_for(author).get(URL, {name: value})
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, name)


def logged_in(user: User) -> APIClient:
    """A client that needs no query to know who asks."""
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.mark.parametrize("query", [{}, {"mine": "true"}, {"q": "bread", "status": "available"}])
def test_a_full_page_takes_the_queries_of_a_short_one(author: User, group: CommunityGroup, query: dict[str, str],
                                                      django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client = logged_in(author)
    for posts in (1, 25):
        for _ in range(posts):
            make.make_post(author if "mine" in query else make.make_member(group), group)
        with django_assert_num_queries(2 if "mine" in query else 3):  # one's groups, the page, the count
            assert client.get(URL, query).status_code == 200


def test_one_post_takes_one_query_and_another_for_when_it_opens(
        author: User, group: CommunityGroup, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    post = make.make_post(author, group)
    for user, queries in ((author, 1), (make.make_member(group), 2)):
        client = logged_in(user)
        with django_assert_num_queries(queries):
            assert client.get(f"{URL}/{post.pk}").status_code == 200


def test_a_neighbors_page_takes_as_many(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    building = make.make_building()
    client = logged_in(make.make_neighbor(building))
    posts: list[Any] = [make.make_post(make.make_neighbor(building)) for _ in range(15)]
    with django_assert_num_queries(2):
        assert len(client.get(URL).json()["results"]) == len(posts)
