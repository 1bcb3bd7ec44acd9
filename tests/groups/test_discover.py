"""groups/discover: the busiest groups first."""

from typing import Any

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper
from rest_framework.test import APIClient

from groups.summary import refresh
from tests.factories import client_for, make_group, make_member, make_post, make_user


@pytest.fixture
def client(owner: BaseDatabaseWrapper) -> APIClient:
    """A reader, where five groups have 0, 1, 1, 2 and 3 posts."""
    for number, posts in enumerate((2, 0, 3, 1, 1)):
        group = make_group("neighborhood" if posts == 3 else "community", name=f"Group {number}: {posts}", city="Ghent")
        author = make_member(group)
        for _ in range(posts):
            make_post(author, group)
    refresh(owner)
    return client_for(make_user())


def found(client: APIClient, query: str = "") -> list[Any]:
    answer = client.get(f"/api/v1/groups/discover{query}")
    assert answer.status_code == 200, answer.content
    results: list[Any] = answer.json()["results"]
    return results


def posts(client: APIClient, query: str = "") -> list[int]:
    return [row["food_posts_30d"] for row in found(client, query)]


def test_is_in_the_order_of_posts(client: APIClient) -> None:
    assert posts(client) == [3, 2, 1, 1, 0]


def test_pages_meet_each_once(client: APIClient) -> None:
    url, seen = "/api/v1/groups/discover?limit=1", []
    while url:
        page = client.get(url).json()
        seen += [row["group_name"] for row in page["results"]]
        url = page["next"]
    assert [name[-1] for name in seen] == ["3", "2", "1", "1", "0"]
    assert len(set(seen)) == 5


def test_a_walk_back_gives_the_same_pages(client: APIClient) -> None:
    first = client.get("/api/v1/groups/discover?limit=3").json()
    second = client.get(first["next"]).json()
    assert client.get(second["previous"]).json()["results"] == first["results"]


def test_by_type(client: APIClient) -> None:
    assert posts(client, "?type=neighborhood") == [3]


def test_by_least_activity(client: APIClient) -> None:
    assert posts(client, "?min_posts=2") == [3, 2]


def test_by_words_of_the_name_in_any_case(client: APIClient) -> None:
    assert found(client, "?q=GR%204")[0]["group_name"] == "Group 4: 1"
    assert found(client, "?q=roup") == []


def test_shows_the_group_beside_its_summary(client: APIClient) -> None:
    busiest = found(client, "?limit=1")[0]
    assert (busiest["city"], busiest["member_count"], busiest["active_members_scope"]) == ("Ghent", 1, "platform")


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["?min_posts=-1", "?min_posts=many", "?min_posts=1e999999999", "?type=x", "?city=x",
                                   "?min_posts=99999999999999999999", "?cursor=x"])
def test_bad_parameters_are_refused(query: str) -> None:
    assert client_for(make_user()).get(f"/api/v1/groups/discover{query}").status_code == 400


def test_walks_an_index(client: APIClient, owner: BaseDatabaseWrapper) -> None:
    """At tens of thousands of groups a page must not sort them all."""
    with owner.cursor() as cursor:
        cursor.execute("SET enable_sort = off")
        cursor.execute("EXPLAIN SELECT * FROM group_activity_summary "
                       "ORDER BY food_posts_30d DESC, group_id DESC LIMIT 21")
        plan = "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute("RESET enable_sort")
    assert "group_activity_summary_food_posts_30d_group_id_idx" in plan
