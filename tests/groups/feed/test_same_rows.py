"""The feed is document B's: the same rows in the same order, and on the way back the same pages."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from foodshare.models import User
from groups.queries import feed
from tests.factories import client_for, later, make_user
from tests.groups.feed.rows import befriend, block, make_people, reference, tell

pytestmark = [pytest.mark.django_db(databases=["default", "owner"]), pytest.mark.usefixtures("past")]
URL = "/api/v1/feed"
HOUR, WEEK = 3600.0, 604_800.0


def walk(client: APIClient, limit: int) -> tuple[list[Any], list[Any]]:
    """All pages as the walk forwards gives them, and as the walk back from the last one does; both first to last."""
    forwards = [client.get(URL, {"limit": str(limit)}).json()]
    while forwards[-1]["next"]:
        forwards.append(client.get(forwards[-1]["next"]).json())
    backwards = [forwards[-1]]
    while backwards[-1]["previous"]:
        backwards.append(client.get(backwards[-1]["previous"]).json())
    return [page["results"] for page in forwards], [page["results"] for page in reversed(backwards)]


def assert_same(reader: User, limit: int, expected: int) -> None:
    """Every page there and back; `expected` rows, so that the case is the one meant."""
    wanted = [str(row["id"]) for row in reference(reader)]
    assert len(wanted) == expected
    pages, back = walk(client_for(reader), limit)
    assert [row["id"] for page in pages for row in page] == wanted
    assert [len(page) for page in pages[:-1]] == [limit] * (len(pages) - 1)
    assert back == pages


def crowd() -> None:
    """Strangers who told more within the last day than a bounded walk reads."""
    tell(make_people(3), feed.WALKED // 3 + 20, later(), 20)


@pytest.mark.parametrize(("friends", "busy", "dormant", "limit", "is_crowded"), [
    (0, 0, 0, 20, False), (3, 5, 0, 4, False), (3, 0, 5, 7, True), (3, 3, 3, 1, False), (60, 4, 4, 100, True),
    (500, 1, 0, 100, False), (500, 0, 1, 100, True)])
@pytest.mark.slow
def test_as_document_b_orders_it(friends: int, busy: int, dormant: int, limit: int, is_crowded: bool) -> None:
    """`busy`: how often each friend told something these days, `dormant`: four months and more ago."""
    reader, others = make_user(), make_people(friends)
    befriend(reader, others)
    tell(others, busy, later(minutes=-1), 5 * HOUR)
    tell(others, dormant, later(weeks=-17), 2 * WEEK)
    tell([reader], 3, later(weeks=-1), 5 * WEEK)
    if is_crowded:
        crowd()
    assert_same(reader, limit, friends * (busy + dormant) + 3)


def test_nothing_is_an_empty_page() -> None:
    crowd()
    answer = client_for(make_user()).get(URL).json()
    assert answer == {"next": None, "previous": None, "has_next": False, "total_count": 0,
                      "total_count_is_exact": True, "results": []}


def test_a_row_is_shown_with_its_author() -> None:
    reader = make_user(image="https://example.org/a.png")
    tell([reader], 1, later(minutes=-1), 1)
    (row,), (wanted,) = client_for(reader).get(URL).json()["results"], reference(reader)
    assert row == {"id": str(wanted["id"]), "content": wanted["content"], "group": None,
                   "created_at": wanted["created_at"].isoformat() + "Z",
                   "author": {"id": str(reader.pk), "name": reader.name, "image": reader.image}}


def test_people_blocked_either_way_are_left_out_though_they_were_friends() -> None:
    reader, others = make_user(), make_people(4)
    befriend(reader, others)
    block(reader, others[0])
    block(others[1], reader)
    block(others[2], others[3])
    tell(others, 2, later(minutes=-1), HOUR)
    crowd()
    assert_same(reader, 3, 4)


def test_only_accepted_friendship_counts() -> None:
    reader, others = make_user(), make_people(4)
    befriend(reader, others[:1])
    for other, kind in zip(others[1:], ("FRIEND", "FOLLOW", "FRIEND"), strict=True):
        reader.relationships.create(to_user=other, type=kind, status="PENDING")
    tell(others, 1, later(minutes=-1), 1)
    assert_same(reader, 20, 1)


def test_rows_told_and_taken_back_during_the_walk_hide_no_others() -> None:
    reader, others = make_user(), make_people(2)
    befriend(reader, others)
    tell(others, 5, later(minutes=-1), 3 * WEEK)
    client, wanted = client_for(reader), [str(row["id"]) for row in reference(reader)]
    first = client.get(URL, {"limit": "4"}).json()
    tell([reader], 1, later(), 1)
    others[0].status_updates.filter(pk__in=wanted[:2]).delete()
    second = client.get(first["next"]).json()
    assert [row["id"] for row in second["results"]] == wanted[4:8]
    back = client.get(second["previous"]).json()
    assert [row["id"] for row in back["results"]][-2:] == wanted[2:4]


@pytest.mark.slow
@pytest.mark.parametrize(("busy", "dormant"), [(1, 0), (0, 1)])
def test_five_thousand_friends(busy: int, dormant: int) -> None:
    reader, others = make_user(), make_people(5000)
    befriend(reader, others)
    tell(others, busy, later(minutes=-1), HOUR)
    tell(others, dormant, later(weeks=-17), WEEK)
    crowd()
    wanted = [str(row["id"]) for row in reference(reader)]
    assert len(wanted) == 5000
    client, link, seen = client_for(reader), f"{URL}?limit=100", []
    for _ in range(6):
        page = client.get(link).json()
        seen += [row["id"] for row in page["results"]]
        link = page["next"]
    assert seen == wanted[:600]
    assert [row["id"] for row in client.get(page["previous"]).json()["results"]] == wanted[400:500]
