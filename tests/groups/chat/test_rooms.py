"""A group's rooms: who enters, who opens and renames them, and that a group's mode rules hold there."""

from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from foodshare.models import User
from foodshare.services import accounts
from groups.models import Room
from groups.services import chat, communities
from tests.factories import make_group, make_member, make_message, make_neighbor, make_room, make_user
from tests.groups.chat.tools import client_for

pytestmark = pytest.mark.django_db
ROOMS = "/api/v1/rooms"


def addresses(room: Room) -> list[str]:
    return [f"{ROOMS}/{room.pk}", f"{ROOMS}/{room.pk}/messages"]


def statuses(user: User, room: Room) -> set[int]:
    """What a person gets who reads the room, writes in it, or marks it read."""
    client, key = client_for(user), str(uuid4())
    return {*(client.get(path).status_code for path in addresses(room)),
            client.post(f"{ROOMS}/{room.pk}/messages", {"content": "Hello"}).status_code,
            client.post(f"{ROOMS}/{room.pk}/read", {"message": key}).status_code,
            client.patch(f"{ROOMS}/{room.pk}", {"name": "Mine"}).status_code}


def names(client: APIClient, **query: str) -> list[str]:
    return [room["name"] for room in client.get(ROOMS, query).json()["results"]]


def test_a_new_group_has_a_first_room() -> None:
    founder = make_user()
    group = communities.create_group(founder, name="Bread savers", group_type="community")
    (room,) = client_for(founder).get(ROOMS).json()["results"]
    assert room == {"id": str(group.rooms.get().pk), "group": str(group.pk), "name": "General", "unread": 0,
                    "unread_is_exact": True, "last_read": None, "last_message": None,
                    "created_at": room["created_at"]}


def test_strangers_find_no_room() -> None:
    room = make_room()
    assert statuses(make_user(), room) == {404}
    assert statuses(make_member(room.group, make_user(), state="pending"), room) == {404}
    assert statuses(make_neighbor(), room) == {404}
    assert statuses(make_user(is_superuser=True, is_staff=True), room) == {404}
    assert {client_for().get(path).status_code for path in addresses(room)} == {401}


def test_a_pending_neighbor_is_refused() -> None:
    room = make_room(make_group("neighborhood"))
    person = make_member(room.group, make_user("neighborhood"))
    assert statuses(person, room) == {403}
    assert client_for(person).get(ROOMS).status_code == 403


def test_who_leaves_or_is_removed_finds_no_room_any_more() -> None:
    group = make_group()
    admin, leaver, removed = make_member(group, role="admin"), make_member(group), make_member(group)
    room = make_room(group)
    communities.leave(leaver, group.pk)
    communities.remove_member(admin, group.pk, removed.pk)
    assert statuses(leaver, room) == statuses(removed, room) == {404}


def test_who_switches_mode_finds_no_room_until_switching_back() -> None:
    room = make_room(make_group("neighborhood"))
    member = make_member(room.group)
    accounts.switch_mode(member, "community")
    assert statuses(member, room) == {404}
    assert names(client_for(member)) == []
    User.objects.filter(pk=member.pk).update(sharing_mode="neighborhood", verification_level="full")
    assert names(client_for(member)) == [room.name]


def test_rooms_of_ones_groups_are_listed_the_oldest_first() -> None:
    user, group, other = make_user(), make_group(), make_group()
    for each in (group, other):
        make_member(each, user)
    make_room()
    rooms = [make_room(each, name=name) for each, name in ((group, "A"), (other, "B"), (group, "C"))]
    Room.objects.filter(pk=rooms[0].pk).update(created_at="2026-01-01T00:00Z")
    Room.objects.filter(pk=rooms[2].pk).update(created_at="2026-01-02T00:00Z")
    client = client_for(user)
    assert names(client) == ["A", "C", "B"]
    assert names(client, group=str(group.pk)) == ["A", "C"]
    assert client.get(ROOMS, {"group": "x"}).status_code == 400
    assert client.get(ROOMS, {"around": str(uuid4())}).status_code == 400


def post(client: APIClient, **body: Any) -> tuple[int, str | None]:
    answer = client.post(ROOMS, body)
    return answer.status_code, answer.json()["errors"][0]["attr"] if answer.status_code >= 400 else None


def test_an_admin_opens_and_renames_rooms() -> None:
    group = make_group()
    client = client_for(make_member(group, role="admin"))
    made = client.post(ROOMS, {"group": str(group.pk), "name": "Kitchen"}).json()
    assert client.patch(f"{ROOMS}/{made['id']}", {"name": "Cellar"}).json() == made | {"name": "Cellar"}
    assert client.get(f"{ROOMS}/{made['id']}").json()["name"] == "Cellar"


def test_others_neither_open_nor_rename_rooms() -> None:
    room = make_room()
    member = client_for(make_member(room.group))
    assert post(member, group=str(room.group_id), name="Kitchen") == (403, None)
    assert member.patch(f"{ROOMS}/{room.pk}", {"name": "Kitchen"}).status_code == 403
    assert post(client_for(make_user()), group=str(room.group_id), name="Kitchen") == (400, "group")
    assert post(client_for(make_user()), group=str(uuid4()), name="Kitchen") == (400, "group")


def test_a_group_has_each_name_once_and_no_more_than_so_many_rooms() -> None:
    group = make_group()
    client = client_for(make_member(group, role="admin"))
    room = make_room(group, name="Kitchen")
    assert post(client, group=str(group.pk), name="Kitchen") == (409, None)
    assert client.patch(f"{ROOMS}/{room.pk}", {"name": "Kitchen"}).status_code == 200
    Room.objects.bulk_create(Room(group=group, name=f"Room {n}") for n in range(chat.MOST_ROOMS - 1))
    assert post(client, group=str(group.pk), name="Cellar") == (409, None)
    assert client.patch(f"{ROOMS}/{room.pk}", {"name": "Room 1"}).status_code == 409


def test_a_room_shows_its_newest_message() -> None:
    room = make_room()
    sender, reader = make_member(room.group), make_member(room.group)
    make_message(room, sender)
    newest = make_message(room, sender)
    shown = client_for(reader).get(f"{ROOMS}/{room.pk}").json()["last_message"]
    assert shown | {"created_at": None} == {
        "id": str(newest.pk), "sender": str(sender.pk), "sender_name": sender.name, "type": "TEXT",
        "content": newest.content, "deleted_at": None, "created_at": None}
