"""A list sends as many queries for many rows as for one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from foodshare.models import User
from groups.models import Room
from tests.factories import make_conversation, make_member, make_message, make_room, make_user
from tests.groups.chat.tools import client_for

pytestmark = pytest.mark.django_db


def queries(client: APIClient, path: str, results: int) -> list[str]:
    """What `path` sends to show `results` rows."""
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(f"/api/v1/{path}?limit={results}")
    assert len(answer.json()["results"]) == results
    return [each["sql"] for each in captured.captured_queries]


def assert_constant(client: APIClient, path: str, most: int) -> None:
    client.get(f"/api/v1/{path}")  # the first request may do what later ones need not
    one, many = queries(client, path, 1), queries(client, path, 11)
    assert len(one) == len(many) <= most, "\n".join(many)


@pytest.fixture
def reader() -> User:
    return make_user()


def test_rooms(reader: User) -> None:
    for _ in range(12):
        room = make_room()
        make_message(room, make_member(room.group))
        make_member(room.group, reader)
    assert_constant(client_for(reader), "rooms", 7)


def test_conversations(reader: User) -> None:
    for _ in range(12):
        other = make_user()
        make_message(make_conversation(reader, other), other)
    assert_constant(client_for(reader), "conversations", 8)


def test_messages(reader: User) -> None:
    room: Room = make_room()
    make_member(room.group, reader)
    for _ in range(12):
        make_message(room, make_member(room.group))
    path = f"rooms/{room.pk}/messages"
    assert_constant(client_for(reader), path, 5)
    assert len([sql for sql in queries(client_for(reader), path, 11) if '"profiles"' in sql]) == 1
