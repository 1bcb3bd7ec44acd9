"""How much others have written since one read."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connections
from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker

from foodshare.db.keys import new_key
from foodshare.models import User
from groups.models import Conversation, Message, Participant, Room, RoomReadPosition
from groups.queries import chat
from groups.services.chat import delete_message
from tests.factories import later, make_conversation, make_member, make_message, make_room, make_user, told_last
from tests.groups.chat.tools import client_for

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["rooms", "conversations"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def place(kind: str) -> Room | Conversation:
    """A place with the people `reader` and `writer`, in that order, both there for an hour."""
    if kind == "rooms":
        room = make_room()
        for _ in range(2):
            make_member(room.group)
        room.group.memberships.update(created_at=later(hours=-1))
        return room
    conversation = make_conversation(make_user(), make_user())
    conversation.participants.update(created_at=later(hours=-1))
    return conversation


def people(place: Room | Conversation) -> tuple[User, User]:
    if isinstance(place, Room):
        reader, writer = User.objects.filter(memberships__group=place.group).order_by("name")
    else:
        reader, writer = User.objects.filter(participations__conversation=place).order_by("name")
    return reader, writer


def unread(user: User, kind: str, place: Room | Conversation) -> tuple[int, bool]:
    """As the place itself and as the list shows it, which agree."""
    client = client_for(user)
    shown = client.get(f"/api/v1/{kind}/{place.pk}").json()
    assert client.get(f"/api/v1/{kind}").json()["results"] == [shown]
    return shown["unread"], shown["unread_is_exact"]


def mark(user: User, kind: str, place: Room | Conversation, message: UUID) -> Any:
    return client_for(user).post(f"/api/v1/{kind}/{place.pk}/read", {"message": str(message)})


def write(place: Room | Conversation, sender: User, number: int) -> None:
    start = later(minutes=-30)
    field = {type(place).__name__.lower(): place}
    Message.objects.bulk_create(Message(id=new_key(start + timedelta(seconds=n)), sender=sender, content="x",
                                        created_at=start + timedelta(seconds=n), **field) for n in range(number))
    told_last(place, start + timedelta(seconds=number - 1))


def test_what_others_wrote_counts_and_what_one_wrote_does_not(kind: str, place: Room | Conversation) -> None:
    reader, writer = people(place)
    for sender in (writer, reader, writer):
        make_message(place, sender)
    assert unread(reader, kind, place) == (2, True)
    assert unread(writer, kind, place) == (1, True)


def test_reading_up_to_a_message(kind: str, place: Room | Conversation) -> None:
    reader, writer = people(place)
    first, second, third = (make_message(place, writer).pk for _ in range(3))
    assert mark(reader, kind, place, second).json() == {"last_read": str(second)}
    assert unread(reader, kind, place) == (1, True)
    assert mark(reader, kind, place, first).json() == {"last_read": str(second)}  # it never goes back
    assert unread(reader, kind, place) == (1, True)
    mark(reader, kind, place, third)
    assert unread(reader, kind, place) == (0, True)
    assert unread(writer, kind, place) == (0, True)


def test_a_deleted_message_is_not_unread(kind: str, place: Room | Conversation) -> None:
    reader, writer = people(place)
    delete_message(writer, make_message(place, writer).pk)
    assert unread(reader, kind, place) == (0, True)


def test_what_was_written_before_one_came_is_not_unread(kind: str, place: Room | Conversation) -> None:
    reader, writer = people(place)
    make_message(place, writer, later(minutes=-61))
    assert unread(reader, kind, place) == (0, True)


@pytest.mark.parametrize(("number", "shown"), [(99, (99, True)), (100, (100, False)), (250, (100, False))])
def test_the_count_is_capped(number: int, shown: tuple[int, bool], kind: str, place: Room | Conversation) -> None:
    reader, writer = people(place)
    write(place, writer, number)
    assert unread(reader, kind, place) == shown


def test_among_many_of_ones_own_the_count_may_be_short_and_says_so(kind: str, place: Room | Conversation) -> None:
    reader, writer = people(place)
    make_message(place, writer, later(minutes=-40))
    write(place, reader, chat.MOST_LOOKED_AT)
    assert unread(reader, kind, place) == (0, False)


@pytest.fixture(scope="module")
def partition_of_last_year(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[datetime]:
    """A partition of messages that is a year old, and a time in it; it is dropped again."""
    at = later(days=-365)
    with django_db_blocker.unblock(), connections["owner"].cursor() as cursor:
        cursor.execute("SELECT create_monthly_partition(%s)", [at.date()])
        yield at
        cursor.execute(f"DROP TABLE messages_y{at:%Ym%m}")


def test_a_place_quiet_for_long_shows_what_was_last_written(
        partition_of_last_year: datetime, kind: str, place: Room | Conversation) -> None:
    reader, writer = people(place)
    memberships = place.group.memberships if isinstance(place, Room) else place.participants
    memberships.update(created_at=partition_of_last_year)
    place.last_message_at = partition_of_last_year
    said = make_message(place, writer, partition_of_last_year)
    shown = client_for(reader).get(f"/api/v1/{kind}/{place.pk}").json()
    assert shown["last_message"]["id"] == str(said.pk)
    assert unread(reader, kind, place) == (1, True)
    mark(reader, kind, place, said.pk)
    assert unread(reader, kind, place) == (0, True)


def test_a_room_in_which_nothing_is_written_is_not_looked_into(
        django_assert_num_queries: DjangoAssertNumQueries) -> None:
    room = make_room()
    reader = make_member(room.group)
    found: Any = chat.rooms_for(reader).get()
    with django_assert_num_queries(0):
        chat.attach_standings("room", [found], reader)
    assert found.standing == chat.NOTHING


def test_only_a_message_of_the_place_marks_it(kind: str, place: Room | Conversation) -> None:
    reader, writer = people(place)
    elsewhere = make_message(make_room(), writer)
    for key in (elsewhere.pk, new_key()):
        answer = mark(reader, kind, place, key)
        assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "message")
    assert not RoomReadPosition.objects.exists()
    assert not Participant.objects.exclude(last_read=None).exists()
