"""status-updates: telling, taking back, and reading what a group or a friend told."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from foodshare.db.keys import new_key
from foodshare.models import Relationship, User
from groups.models import CommunityGroup, StatusUpdate
from tests.factories import client_for, make_group, make_member, make_user

pytestmark = pytest.mark.django_db
URL = "/api/v1/status-updates"


@pytest.fixture
def group() -> CommunityGroup:
    return make_group()


@pytest.fixture
def ada(group: CommunityGroup) -> User:
    return make_member(group)


def tell(who: User, content: Any = "Three loaves left", **fields: Any) -> Any:
    return client_for(who).post(URL, {"content": content} | fields, format="json")


def told(who: User, **query: str) -> list[str]:
    answer = client_for(who).get(URL, query)
    assert answer.status_code == 200, answer.content
    return [row["content"] for row in answer.json()["results"]]


def befriend(one: User, other: User) -> None:
    for giver, taker in ((one, other), (other, one)):
        Relationship.objects.create(from_user=giver, to_user=taker, type="FRIEND", status="ACCEPTED")


def test_what_is_told_is_in_ones_feed(ada: User) -> None:
    made = tell(ada)
    assert made.status_code == 201
    assert made.json() == client_for(ada).get("/api/v1/feed").json()["results"][0]
    assert (made.json()["content"], made.json()["group"]) == ("Three loaves left", None)
    assert made.json()["author"] == {"id": str(ada.pk), "name": ada.name, "image": None}


def test_a_groups_members_are_told_too(ada: User, group: CommunityGroup) -> None:
    assert tell(ada, "To all", group=str(group.pk)).json()["group"] == str(group.pk)
    tell(ada, "To friends")
    assert told(make_member(group), group=str(group.pk)) == ["To all"]


@pytest.mark.parametrize("state", ["none", "pending", "switched"])
def test_who_does_not_share_in_a_group_neither_tells_nor_reads_there(group: CommunityGroup, state: str) -> None:
    outsider = make_user()
    if state != "none":
        make_member(group, outsider, state="pending" if state == "pending" else "active")
    if state == "switched":
        User.objects.filter(pk=outsider.pk).update(sharing_mode="neighborhood", verification_level="full")
    assert (refused := tell(outsider, group=str(group.pk))).status_code == 400
    assert refused.json()["errors"][0]["attr"] == "group"
    assert client_for(outsider).get(URL, {"group": str(group.pk)}).status_code == 404
    assert not StatusUpdate.objects.exists()


def test_in_a_group_people_blocked_either_way_do_not_read_each_other(ada: User, group: CommunityGroup) -> None:
    ben = make_member(group)
    tell(ada, "By Ada", group=str(group.pk))
    tell(ben, "By Ben", group=str(group.pk))
    Relationship.objects.create(from_user=ada, to_user=ben, type="BLOCK", status="ACCEPTED")
    assert told(ada, group=str(group.pk)) == ["By Ada"]
    assert told(ben, group=str(group.pk)) == ["By Ben"]


def test_friends_read_what_one_told_and_others_do_not(ada: User) -> None:
    ben = make_user()
    tell(ada, "One")
    tell(ada, "Two")
    assert told(ada, author=str(ada.pk)) == ["Two", "One"]
    assert client_for(ben).get(URL, {"author": str(ada.pk)}).status_code == 403
    befriend(ada, ben)
    assert told(ben, author=str(ada.pk)) == ["Two", "One"]


def test_a_request_that_waits_opens_nothing(ada: User) -> None:
    ben = make_user()
    Relationship.objects.create(from_user=ben, to_user=ada, type="FRIEND", status="PENDING")
    assert client_for(ben).get(URL, {"author": str(ada.pk)}).status_code == 403


def test_one_takes_back_ones_own_and_nobody_elses(ada: User, group: CommunityGroup) -> None:
    key = tell(ada, group=str(group.pk)).json()["id"]
    assert client_for(make_member(group, role="admin")).delete(f"{URL}/{key}").status_code == 404
    assert client_for(ada).delete(f"{URL}/{key}").status_code == 204
    assert not StatusUpdate.objects.exists()
    assert [client_for(ada).delete(f"{URL}/{gone}").status_code for gone in (key, new_key(), ada.pk)] == [404] * 3


@pytest.mark.parametrize("change", [{"content": ""}, {"content": " "}, {"content": "\u200b"}, {"content": "a\0"},
                                    {"content": "x" * 281}, {"content": None}, {"content": ["x"]}, {"group": 5},
                                    {"group": "x"}, {"author": "x"}, {"created_at": "2020-01-01T00:00:00Z"}])
def test_bad_bodies_are_refused_by_the_field(ada: User, change: dict[str, Any]) -> None:
    answer = tell(ada, **({"content": "Bread"} | change))
    assert (answer.status_code, [error["attr"].split(".")[0] for error in answer.json()["errors"]]) == (400, [*change])
    assert not StatusUpdate.objects.exists()


def test_280_characters_are_not_too_many(ada: User) -> None:
    assert tell(ada, "🥖" * 280).status_code == 201


@pytest.mark.parametrize("query", [{}, {"group": "x"}, {"author": "x"}, {"q": "x"}])
def test_a_list_is_of_one_group_or_one_author(ada: User, query: dict[str, str]) -> None:
    assert client_for(ada).get(URL, query).status_code == 400


def test_not_of_both(ada: User, group: CommunityGroup) -> None:
    assert client_for(ada).get(URL, {"group": str(group.pk), "author": str(ada.pk)}).status_code == 400


def test_an_unverified_neighbor_tells_and_reads_nothing() -> None:
    pending = make_user("neighborhood")
    assert tell(pending).status_code == 403
    assert [client_for(pending).get(url).status_code
            for url in ("/api/v1/feed", f"{URL}?author={pending.pk}")] == [403, 403]


def test_telling_is_limited(ada: User, settings: Any) -> None:
    settings.POSTING_RATES = {**settings.POSTING_RATES, "posts": "2/min"}
    client: APIClient = client_for(ada)
    answers = [client.post(URL, {"content": "Bread"}, format="json") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert int(answers[-1]["Retry-After"]) > 0


@pytest.mark.parametrize("by", ["group", "author"])
def test_pages_meet_each_once_and_back(ada: User, group: CommunityGroup, by: str) -> None:
    for number in range(7):
        StatusUpdate.objects.create(author=ada, group=group, content=f"{number}")
    client, pages = client_for(ada), []
    link = f"{URL}?limit=3&{by}={group.pk if by == 'group' else ada.pk}"
    while link:
        pages.append(client.get(link).json())
        link = pages[-1]["next"]
    assert [row["content"] for page in pages for row in page["results"]] == [*"6543210"]
    assert client.get(pages[-1]["previous"]).json()["results"] == pages[-2]["results"]


def test_the_feed_takes_two_statements_a_page_that_the_walk_fills(ada: User, django_assert_num_queries: Any) -> None:
    for number in range(50):
        StatusUpdate.objects.create(author=ada, content=f"{number}")
    client = client_for(ada)
    pages, link = [], "/api/v1/feed?limit=10"
    for _ in range(3):
        with django_assert_num_queries(2):  # the token and the page
            pages.append(client.get(link).json())
        link = pages[-1]["next"]
    with django_assert_num_queries(3):  # and whether rows follow it
        client.get(pages[-1]["previous"])
    assert [(page["total_count"], page["total_count_is_exact"]) for page in pages] == [
        (11, False), (12, False), (12, False)]


def test_the_feed_takes_six_statements_at_most(ada: User, django_assert_max_num_queries: Any) -> None:
    StatusUpdate.objects.create(author=ada, content="Bread")
    client = client_for(ada)
    with django_assert_max_num_queries(6):  # the token, the walk and four stretches of time
        assert len(client.get("/api/v1/feed").json()["results"]) == 1
