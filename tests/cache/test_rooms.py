"""The newest messages of a room are kept until one of them, or who wrote them, changes; who may read is asked anew."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from foodshare.db.fields import naive
from foodshare.db.keys import new_key, time_of
from foodshare.db.lsn import LOOK
from foodshare.models import Profile, User
from groups.models import Membership, Message, Room
from tests.cache.answers import loaded
from tests.cache.conftest import Cache
from tests.factories import client_for, make_conversation, make_member, make_message, make_room, make_user

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@dataclass
class Talk:
    """What `reader` is shown of a room in which `writer` wrote."""

    cache: Cache
    room: Room
    reader: User
    writer: User

    @cached_property
    def client(self) -> APIClient:
        return client_for(self.reader)

    @property
    def path(self) -> str:
        return f"/api/v1/rooms/{self.room.pk}/messages"

    @property
    def kept(self) -> Any:
        """The answer once it is kept: then only whether the reader may enter is asked, and when that was."""
        self.cache.deliver()
        self.client.get(self.path)
        self.cache.deliver()
        with CaptureQueriesContext(connection) as queries:
            answer = self.client.get(self.path)
        asked = [each["sql"] for each in queries.captured_queries]
        assert ["group_memberships" in sql for sql in asked if sql != LOOK] == [True]
        return answer.json()

    @property
    def shown(self) -> list[tuple[str, str | None, str]]:
        return [(each["sender"]["name"], each["sender"]["city"], each["content"]) for each in self.kept["results"]]

    def row(self, content: str) -> Message:
        return Message(id=new_key(), room=self.room, sender=self.writer, content=content)


@pytest.fixture
def talk(cache: Cache) -> Talk:
    room = make_room()
    found = Talk(cache, room, make_member(room.group), make_member(room.group, make_user(name="Grace")))
    make_message(room, found.writer, content="Hello")
    assert found.shown == [("Grace", None, "Hello")]
    return found


def copy_in(talk: Talk) -> None:
    key = new_key()
    with connections["owner"].cursor() as cursor, cursor.copy(
            "COPY messages (id, created_at, room_id, sender_id, content) FROM STDIN") as rows:
        rows.write_row((key, naive(time_of(key)), talk.room.pk, talk.writer.pk, "Bye"))


def leave_and_rename(talk: Talk) -> None:
    """Who has left the group is shown all the same."""
    Membership.objects.filter(user=talk.writer).delete()
    User.objects.filter(pk=talk.writer.pk).update(name="Hopper")


HELLO, BYE = ("Grace", None, "Hello"), ("Grace", None, "Bye")
WRITES: list[tuple[Callable[[Talk], object], list[tuple[str, str | None, str]]]] = [  # and what is shown then
    (lambda talk: talk.row("Bye").save(), [BYE, HELLO]),
    (lambda talk: Message.objects.bulk_create([talk.row("Bye")]), [BYE, BYE, HELLO]),
    (copy_in, [BYE, BYE, BYE, HELLO]),
    (lambda talk: Message.objects.filter(content="Bye").delete(), [HELLO]),
    (lambda talk: Message.objects.update(content="Hi"), [("Grace", None, "Hi")]),
    (lambda talk: connections["owner"].cursor().execute("UPDATE messages SET content = 'Ho'"), [("Grace", None, "Ho")]),
    (lambda talk: Profile.objects.create(user=talk.writer, location_city="Leipzig"), [("Grace", "Leipzig", "Ho")]),
    (lambda talk: User.objects.filter(pk=talk.writer.pk).update(name="Mary"), [("Mary", "Leipzig", "Ho")]),
    (leave_and_rename, [("Hopper", "Leipzig", "Ho")]),
]


def test_it_changes_with_what_it_shows(talk: Talk) -> None:
    for number, (write, shown) in enumerate(WRITES):
        write(talk)
        assert (number, talk.shown) == (number, shown)


def test_what_is_written_elsewhere_leaves_it_alone(talk: Talk) -> None:
    make_message(make_room(talk.room.group), talk.writer)
    make_message(make_conversation(talk.writer, talk.reader), talk.writer)
    talk.cache.deliver()
    assert talk.cache.redis.hexists(f"chat:room:{{{talk.room.pk}}}:messages", "value")


def test_a_person_sees_at_once_what_they_write(talk: Talk) -> None:
    sent = talk.client.post(talk.path, {"content": "Bye"}, format="json").json()
    assert talk.client.get(talk.path).json()["results"][0]["content"] == "Bye"
    talk.client.patch(f"/api/v1/messages/{sent['id']}", {"content": "See you"}, format="json")
    assert talk.client.get(talk.path).json()["results"][0]["content"] == "See you"
    talk.client.delete(f"/api/v1/messages/{sent['id']}")
    assert talk.client.get(talk.path).json()["results"][0]["content"] == ""


def test_it_reads_as_it_does_without_the_cache(talk: Talk) -> None:
    Message.objects.bulk_create(talk.row(f"Line {number}") for number in range(60))
    answer = talk.kept
    assert answer == loaded(talk.cache, talk.client, talk.path).json()
    assert len(talk.client.get(answer["next"]).json()["results"]) == 11


def test_strangers_are_refused(talk: Talk) -> None:
    assert client_for(make_user()).get(talk.path).status_code == 404
    assert client_for().get(talk.path).status_code == 401


def test_who_has_left_is_refused(talk: Talk) -> None:
    Membership.objects.filter(user=talk.reader).delete()
    assert talk.client.get(talk.path).status_code == 404


def test_ids_are_the_same_in_capitals(talk: Talk) -> None:
    before = talk.cache.redis.dbsize()
    answer = talk.client.get(talk.path.replace(str(talk.room.pk), str(talk.room.pk).upper()))
    assert len(answer.json()["results"]) == 1
    assert talk.cache.redis.dbsize() == before
