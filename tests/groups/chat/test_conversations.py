"""Conversations: beginning, finding again and leaving them, and who may not."""

from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from foodshare.models import User
from foodshare.models.social import Relationship
from groups.models import Conversation
from groups.services import chat
from tests.factories import make_conversation, make_message, make_user
from tests.groups.chat.tools import client_for

pytestmark = pytest.mark.django_db
CONVERSATIONS = "/api/v1/conversations"


def start(user: User, *others: Any, **fields: str) -> Any:
    keys = [str(getattr(other, "pk", other)) for other in others]
    return client_for(user).post(CONVERSATIONS, {"participants": keys, **fields})


def refusal(answer: Any) -> tuple[int, str | None]:
    return answer.status_code, answer.json()["errors"][0]["attr"]


def block(user: User, other: User) -> None:
    Relationship.objects.create(from_user=user, to_user=other, type="BLOCK", status="ACCEPTED")


def test_two_people_have_one_conversation_whoever_begins() -> None:
    ada, ben = make_user(), make_user(image="https://example.org/ben.png")
    first = start(ada, ben)
    again = [start(ada, ben, ada), start(ben, ada)]
    assert first.status_code == 201
    assert [answer.status_code for answer in again] == [200, 200]
    assert {answer.json()["id"] for answer in again} == {first.json()["id"]}
    assert sorted(person["name"] for person in first.json()["participants"]) == sorted([ada.name, ben.name])
    assert {"id": str(ben.pk), "name": ben.name, "image": ben.image} in first.json()["participants"]


def test_several_people_may_have_many() -> None:
    ada, ben, cem = make_user(), make_user(), make_user()
    answers = [start(ada, ben, cem, title="Picnic") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] != answers[1].json()["id"]
    assert answers[0].json()["title"] == "Picnic"


def test_impossible_participants_are_named() -> None:
    ada = make_user()
    assert refusal(start(ada)) == (400, "participants")
    assert refusal(start(ada, ada)) == (400, "participants")
    assert refusal(start(ada, uuid4())) == (400, "participants")
    assert refusal(start(ada, make_user(is_active=False))) == (400, "participants")
    assert refusal(start(ada, "x"))[0] == 400
    crowd = [make_user() for _ in range(chat.MOST_PEOPLE)]
    assert refusal(start(ada, *crowd)) == (400, "participants")
    assert start(ada, *crowd[1:]).status_code == 201


@pytest.mark.parametrize("blocker", [0, 1])
def test_a_block_either_way_stops_the_talk_of_two(blocker: int) -> None:
    pair = make_user(), make_user()
    conversation, _ = chat.start_conversation(pair[0], [pair[1].pk])
    message = chat.post_in_conversation(pair[0], conversation.pk, "Hello")
    block(pair[blocker], pair[1 - blocker])
    path = f"{CONVERSATIONS}/{conversation.pk}/messages"
    for user, other in (pair, pair[::-1]):
        assert start(user, other).status_code == 403
        assert start(user, other, make_user()).status_code == 403
        assert client_for(user).post(path, {"content": "Hi"}).status_code == 403
        assert client_for(user).get(path).status_code == 200
    assert client_for(pair[0]).patch(f"/api/v1/messages/{message.pk}", {"content": "Hi"}).status_code == 403
    assert client_for(pair[0]).delete(f"/api/v1/messages/{message.pk}").status_code == 204


def test_in_a_conversation_of_several_a_block_changes_nothing() -> None:
    ada, ben, cem = make_user(), make_user(), make_user()
    conversation = make_conversation(ada, ben, cem)
    block(ada, ben)
    path = f"{CONVERSATIONS}/{conversation.pk}/messages"
    assert client_for(ben).post(path, {"content": "Hi"}).status_code == 201


def statuses(user: User | None, conversation: Conversation) -> set[int]:
    client, path = client_for(user), f"{CONVERSATIONS}/{conversation.pk}"
    return {client.get(path).status_code, client.get(f"{path}/messages").status_code,
            client.post(f"{path}/messages", {"content": "Hi"}).status_code,
            client.post(f"{path}/read", {"message": str(uuid4())}).status_code,
            client.post(f"{path}/leave").status_code}


def test_strangers_find_no_conversation() -> None:
    conversation = make_conversation(make_user(), make_user())
    assert statuses(make_user(), conversation) == {404}
    assert statuses(make_user(is_superuser=True, is_staff=True), conversation) == {404}
    assert statuses(None, conversation) == {401}


def test_a_pending_neighbor_is_refused() -> None:
    pending = make_user("neighborhood")
    assert statuses(pending, make_conversation(pending, make_user())) == {403}
    assert start(pending, make_user()).status_code == 403


def test_who_leaves_finds_it_no_more_and_the_others_go_on() -> None:
    people = [make_user() for _ in range(3)]
    conversation = make_conversation(*people)
    assert client_for(people[0]).post(f"{CONVERSATIONS}/{conversation.pk}/leave").status_code == 204
    assert statuses(people[0], conversation) == {404}
    shown = client_for(people[1]).get(f"{CONVERSATIONS}/{conversation.pk}").json()
    assert sorted(person["id"] for person in shown["participants"]) == sorted(str(user.pk) for user in people[1:])


def test_a_conversation_of_two_cannot_be_left() -> None:
    ada, ben = make_user(), make_user()
    conversation, _ = chat.start_conversation(ada, [ben.pk])
    assert client_for(ada).post(f"{CONVERSATIONS}/{conversation.pk}/leave").status_code == 409
    assert conversation.participants.count() == 2


def listed(client: APIClient) -> list[str]:
    return [each["id"] for each in client.get(CONVERSATIONS).json()["results"]]


def test_the_one_last_written_in_comes_first() -> None:
    ada, ben = make_user(), make_user()
    first, second = (chat.start_conversation(ada, [other.pk])[0] for other in (ben, make_user()))
    make_conversation(ben, make_user())
    client = client_for(ada)
    message = chat.post_in_conversation(ben, first.pk, "Hello")
    assert listed(client) == [str(first.pk), str(second.pk)]
    chat.post_in_conversation(ada, second.pk, "Hello")
    assert listed(client) == [str(second.pk), str(first.pk)]
    first.refresh_from_db()
    assert first.last_message_at == message.created_at


def test_its_newest_message_is_shown_with_it() -> None:
    ada, ben = make_user(), make_user()
    conversation = make_conversation(ada, ben)
    make_message(conversation, ben, content="Old")
    make_message(conversation, ben, content="New")
    shown = client_for(ada).get(CONVERSATIONS).json()["results"][0]
    assert (shown["last_message"]["content"], shown["last_message"]["sender_name"]) == ("New", ben.name)
