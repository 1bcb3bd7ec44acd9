"""Writing, editing and deleting messages."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from pytest_django import Settings

from foodshare.db.keys import new_key, time_of
from foodshare.models import User
from foodshare.models.social import Profile
from groups.models import Message, Room
from tests.factories import later, make_conversation, make_member, make_message, make_user
from tests.groups.chat.tools import client_for

pytestmark = pytest.mark.django_db
MESSAGES = "/api/v1/messages"
URL = "https://example.org/bread.jpg"


def post(user: User, room: Room, **body: Any) -> Any:
    return client_for(user).post(f"/api/v1/rooms/{room.pk}/messages", body)


def refusal(answer: Any) -> tuple[int, str | None]:
    return answer.status_code, answer.json()["errors"][0]["attr"]


def test_a_message_is_shown_with_its_sender(author: User, room: Room) -> None:
    Profile.objects.create(user=author, location_city="Utrecht")
    answer = post(author, room, content=" Two loaves left ")
    stored = Message.objects.get()
    assert answer.status_code == 201
    assert answer.json() | {"created_at": None} == {
        "id": str(stored.pk), "room": str(room.pk), "conversation": None, "type": "TEXT",
        "content": "Two loaves left", "edited_at": None, "deleted_at": None, "created_at": None,
        "sender": {"id": str(author.pk), "name": author.name, "image": None, "city": "Utrecht"}}
    assert client_for(author).get(f"{MESSAGES}/{stored.pk}").json() == answer.json()


@pytest.mark.parametrize("body", [
    {}, {"content": ""}, {"content": " \u200b "}, {"content": "x" * 4001}, {"content": None}, {"content": ["x"]},
    {"content": "no address", "type": "IMAGE"}, {"content": URL.replace("https", "http"), "type": "IMAGE"},
    {"content": "javascript:alert(1)", "type": "IMAGE"}, {"content": URL + "x" * 2000, "type": "IMAGE"}])
def test_what_is_no_content_is_refused(body: dict[str, Any], author: User, room: Room) -> None:
    assert refusal(post(author, room, **body)) in {(400, "content"), (400, "content.0")}
    assert not Message.objects.exists()


def test_the_longest_text_and_an_image_are_taken(author: User, room: Room) -> None:
    assert post(author, room, content="x" * 4000).status_code == 201
    assert post(author, room, content=URL, type="IMAGE").json()["type"] == "IMAGE"


def test_nobody_speaks_for_the_platform(author: User, room: Room) -> None:
    assert refusal(post(author, room, content="Hello", type="SYSTEM")) == (400, "type")
    assert refusal(post(author, room, content="Hello", sender="x")) == (400, "sender")


def edit(user: User, message: UUID, content: str = "Edited") -> Any:
    return client_for(user).patch(f"{MESSAGES}/{message}", {"content": content})


def test_the_author_edits_for_fifteen_minutes(author: User, room: Room) -> None:
    fresh = make_message(room, author, later(minutes=-14))
    old = make_message(room, author, later(minutes=-16))
    answer = edit(author, fresh.pk)
    assert (answer.status_code, answer.json()["content"], answer.json()["edited_at"] is None) == (200, "Edited", False)
    assert answer.json()["created_at"] == client_for(author).get(f"{MESSAGES}/{fresh.pk}").json()["created_at"]
    assert edit(author, old.pk).status_code == 409
    old.refresh_from_db()
    assert (old.content == "Edited", old.edited_at) == (False, None)


def test_an_edit_that_changes_nothing_is_none(author: User, room: Room) -> None:
    message = make_message(room, author, content="Same")
    assert edit(author, message.pk, "Same").json()["edited_at"] is None


def test_an_image_stays_one(author: User, room: Room) -> None:
    image = make_message(room, author, type="IMAGE", content=URL)
    assert refusal(edit(author, image.pk, "words")) == (400, "content")
    assert edit(author, image.pk, URL + "?v=2").status_code == 200


def test_a_system_message_is_nobodys_to_edit(author: User, room: Room) -> None:
    assert edit(author, make_message(room, author, type="SYSTEM").pk).status_code == 403


def test_the_author_deletes_at_any_time_and_again(author: User, room: Room) -> None:
    old = make_message(room, author, later(hours=-5), content="Secret")
    client = client_for(author)
    assert [client.delete(f"{MESSAGES}/{old.pk}").status_code for _ in range(2)] == [204, 204]
    shown = client.get(f"/api/v1/rooms/{room.pk}/messages").json()["results"]
    assert [(each["id"], each["content"], each["deleted_at"] is None) for each in shown] == [(str(old.pk), "", False)]
    assert edit(author, old.pk).status_code == 409


def test_others_read_only(author: User, room: Room) -> None:
    message, other = make_message(room, author), client_for(make_member(room.group, role="admin"))
    path = f"{MESSAGES}/{message.pk}"
    assert [other.get(path).status_code, other.patch(path, {"content": "x"}).status_code,
            other.delete(path).status_code] == [200, 403, 403]


def statuses(user: User, message: UUID) -> set[int]:
    client, path = client_for(user), f"{MESSAGES}/{message}"
    return {client.get(path).status_code, client.patch(path, {"content": "x"}).status_code,
            client.delete(path).status_code}


def test_who_may_not_enter_finds_no_message(author: User, room: Room) -> None:
    in_room, apart = make_message(room, author), make_message(make_conversation(author, make_user()), author)
    assert statuses(make_user(), in_room.pk) == statuses(make_user(), apart.pk) == {404}
    room.group.memberships.get(user=author).delete()
    assert statuses(author, in_room.pk) == {404}
    assert client_for(author).get(f"{MESSAGES}/{apart.pk}").status_code == 200
    assert statuses(make_user("neighborhood"), in_room.pk) == {403}


@pytest.mark.parametrize("key", [uuid4(), new_key(), UUID("ffffffff-ffff-7fff-bfff-ffffffffffff"),
                                 new_key(later(days=-5000)), UUID(int=0)])
def test_an_unknown_id_is_a_404(key: UUID, author: User) -> None:
    assert statuses(author, key) == {404}


def test_a_retry_posts_once(author: User, room: Room) -> None:
    client = client_for(author)
    path = f"/api/v1/rooms/{room.pk}/messages"
    first, again = (client.post(path, {"content": "Hello"}, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.content == first.content
    assert Message.objects.count() == 1


def test_who_posts_too_often_waits(author: User, room: Room, settings: Settings) -> None:
    settings.POSTING_RATES = settings.POSTING_RATES | {"messages": "2/hour"}
    answers = [post(author, room, content="Hello") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    refused = answers[2]
    assert 0 < int(refused.headers["Retry-After"]) <= timedelta(hours=1).total_seconds()
    (error,) = refused.json()["errors"]
    assert (refused.json()["type"], error["code"], error["attr"]) == ("client_error", "throttled", None)
    assert post(make_member(room.group), room, content="Hello").status_code == 201
    client = client_for(author)
    assert client.get(f"/api/v1/rooms/{room.pk}/messages").status_code == 200
    read = client.post(f"/api/v1/rooms/{room.pk}/read", {"message": answers[0].json()["id"]})
    assert read.status_code == 200


def test_who_edits_too_often_waits_too(author: User, room: Room, settings: Settings) -> None:
    settings.POSTING_RATES = settings.POSTING_RATES | {"messages": "2/hour"}
    path = f"/api/v1/messages/{post(author, room, content='Hello').json()['id']}"
    client = client_for(author)
    assert [client.patch(path, {"content": f"Hello {n}"}).status_code for n in range(2)] == [200, 429]
    assert Message.objects.get().content == "Hello 0"
    assert client.delete(path).status_code == 204


def test_who_starts_too_many_conversations_waits_and_still_writes(settings: Settings) -> None:
    settings.POSTING_RATES = settings.POSTING_RATES | {"conversations": "1/hour"}
    ada, ben = make_user(), make_user()
    client = client_for(ada)
    first, second = (client.post("/api/v1/conversations", {"participants": [str(ben.pk)]})
                     for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 429)
    path = f"/api/v1/conversations/{first.json()['id']}/messages"
    assert client.post(path, {"content": "Hello"}).status_code == 201


@pytest.mark.parametrize("kind", ["rooms", "conversations"])
def test_a_message_is_later_than_those_before_it_whatever_the_clock_says(author: User, room: Room, kind: str) -> None:
    place = room if kind == "rooms" else make_conversation(author, make_user())
    ahead = make_message(place, author, later(minutes=5))
    said = client_for(author).post(f"/api/v1/{kind}/{place.pk}/messages", {"content": "Behind"}).json()
    assert UUID(said["id"]) > ahead.pk
    place.refresh_from_db()
    assert place.last_message_at == time_of(UUID(said["id"]))
