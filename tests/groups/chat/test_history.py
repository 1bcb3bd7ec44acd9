"""A place's messages, page by page: any times, any limit, from any message, while others come and go."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from rest_framework.test import APIClient

from foodshare.db.keys import new_key, time_of
from foodshare.models import User
from groups.models import Conversation, Message, Room
from tests.factories import later, make_conversation, make_message, make_user
from tests.groups.chat.tools import client_for

pytestmark = pytest.mark.django_db
START = later(hours=-2).replace(microsecond=0)


@pytest.fixture
def client(author: User) -> APIClient:
    return client_for(author)


def fill(place: Room | Conversation, author: User, moments: list[int]) -> list[str]:
    """One message for each moment, given in microseconds after START; their ids, newest first."""
    for number in moments:
        make_message(place, author, START + timedelta(microseconds=number))
    return in_order(place)


def in_order(place: Room | Conversation) -> list[str]:
    return [str(key) for key in place.messages.order_by("-created_at", "-id").values_list("pk", flat=True)]


def page(client: APIClient, place: Room | Conversation, link: str | None = None, **query: Any) -> dict[str, Any]:
    """The page at `link`, or at the place's own address; its results are ids."""
    address = f"/api/v1/{type(place).__name__.lower()}s/{place.pk}/messages"
    answer: dict[str, Any] = client.get(link).json() if link else client.get(address, query).json()
    return answer | {"results": [message["id"] for message in answer["results"]]}


def walk(client: APIClient, place: Room | Conversation, start: dict[str, Any], direction: str) -> list[list[str]]:
    """The pages that follow `start`, or precede it."""
    pages = []
    while start[direction]:
        start = page(client, place, start[direction])
        pages.append(start["results"])
    return pages


@pytest.mark.parametrize("limit", [1, 3, 7, 100])
def test_there_and_back_with_many_at_one_moment(limit: int, client: APIClient, room: Room, author: User) -> None:
    keys = fill(room, author, [number % 3 for number in range(20)])
    first = page(client, room, limit=limit)
    on = walk(client, room, first, "next")
    assert [key for one in [first["results"], *on] for key in one] == keys
    last = first
    while last["next"]:
        last = page(client, room, last["next"])
    back = walk(client, room, last, "previous")
    assert back == [first["results"], *on][:-1][::-1]


def test_fifty_a_page_unless_the_reader_says_otherwise(client: APIClient, room: Room, author: User) -> None:
    keys = fill(room, author, list(range(51)))
    first = page(client, room)
    assert (first["results"], first["has_next"], first["total_count"]) == (keys[:50], True, 51)


def test_a_conversation_has_its_own(client: APIClient, room: Room, author: User) -> None:
    conversation = make_conversation(author, make_user())
    fill(room, author, [1, 2])
    keys = fill(conversation, author, [1, 2, 3])
    assert page(client, conversation)["results"] == keys


@pytest.mark.parametrize("place", [0, 2, 9, 19])
@pytest.mark.parametrize("limit", [1, 7])
def test_around_a_message(place: int, limit: int, client: APIClient, room: Room, author: User) -> None:
    """Half a page of newer ones, the message, older ones until the page is full; the links lead on both ways."""
    keys = fill(room, author, [number % 4 for number in range(20)])
    shown = page(client, room, around=keys[place], limit=limit)
    begin = max(0, place - limit // 2)
    assert shown["results"] == keys[begin:begin + limit]
    assert keys[place] in shown["results"]
    older = [key for one in walk(client, room, shown, "next") for key in one]
    newer = [key for one in reversed(walk(client, room, shown, "previous")) for key in one]
    assert newer + shown["results"] + older == keys
    assert (shown["has_next"], shown["previous"] is not None) == (bool(older), bool(newer))


def test_around_a_message_that_is_gone(client: APIClient, room: Room, author: User) -> None:
    keys = fill(room, author, [1, 2, 3, 4, 5])
    Message.objects.filter(pk=keys[2]).delete()
    assert page(client, room, around=keys[2], limit=2)["results"] == [keys[1], keys[3]]


def test_after_a_message_come_those_that_follow_it_newest_first(client: APIClient, room: Room, author: User) -> None:
    keys = fill(room, author, [1, 1, 2, 2, 3])
    shown = page(client, room, after=keys[4], limit=2)
    assert shown["results"] == keys[2:4]
    newer = page(client, room, shown["previous"])
    assert (newer["results"], newer["previous"]) == (keys[:2], None)
    assert page(client, room, shown["next"])["results"] == [keys[4]]


def test_after_the_newest_comes_nothing_yet(client: APIClient, room: Room, author: User) -> None:
    keys = fill(room, author, [1, 2])
    shown = page(client, room, after=keys[0])
    assert (shown["results"], shown["previous"], shown["has_next"]) == ([], None, True)
    assert page(client, room, shown["next"])["results"] == keys
    newest = str(make_message(room, author).pk)
    assert page(client, room, after=keys[0])["results"] == [newest]


@pytest.mark.parametrize("name", ["around", "after"])
@pytest.mark.parametrize("value", ["", "x", "1", "9f172c8e-1302-4d86-a2e0-4bd4d35fdaaf",
                                   "ffffffff-ffff-7fff-bfff-ffffffffffff"])
def test_what_is_no_messages_id_is_refused(name: str, value: str, client: APIClient, room: Room) -> None:
    answer = client.get(f"/api/v1/rooms/{room.pk}/messages", {name: value})
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, name)


def test_one_beginning_only(client: APIClient, room: Room) -> None:
    key = str(new_key())
    answer = client.get(f"/api/v1/rooms/{room.pk}/messages", {"around": key, "after": key})
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "after")


@pytest.mark.parametrize("at", [datetime(1970, 1, 1, tzinfo=UTC), datetime(9998, 12, 31, tzinfo=UTC)])
@pytest.mark.parametrize("name", ["around", "after"])
def test_a_key_of_a_time_without_messages_marks_an_end(
        at: datetime, name: str, client: APIClient, room: Room, author: User) -> None:
    keys = fill(room, author, [1, 2])
    shown = page(client, room, **{name: str(new_key(at))})["results"]
    assert shown == ([] if at > START and name == "after" else keys)


@pytest.mark.parametrize("seed", range(5))
def test_messages_come_and_go_during_the_walk(seed: int, client: APIClient, room: Room, author: User) -> None:
    """None is shown twice; of those that were there all the time none is missed."""
    dice = Random(seed)
    steadfast, seen = set(fill(room, author, [dice.randrange(4) for _ in range(20)])), []
    current = page(client, room, limit=dice.randint(1, 4))
    while current["next"]:
        seen += current["results"]
        gone = set(dice.sample(in_order(room), dice.randrange(3)))
        Message.objects.filter(pk__in=[UUID(key) for key in gone]).delete()
        steadfast -= gone
        fill(room, author, [dice.randrange(4) for _ in range(dice.randrange(3))])
        current = page(client, room, current["next"])
    seen += current["results"]
    assert len(seen) == len(set(seen))
    assert steadfast <= set(seen)


def test_the_time_that_is_shown_is_the_keys(client: APIClient, room: Room, author: User) -> None:
    message = make_message(room, author)
    shown = client.get(f"/api/v1/messages/{message.pk}").json()
    assert datetime.fromisoformat(shown["created_at"]) == time_of(message.pk)
