"""Moderators find a message and take it away; support does not see what people write to each other."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from foodshare.models import User
from groups.models import Message, Room
from tests.admin.acting import decide, told
from tests.admin.rows import url
from tests.factories import make_conversation, make_message, make_room, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def message(db: None) -> Message:
    return make_message(make_room(), make_user(), content="Buy pills here")


def found(client: Client, term: str) -> list[Message]:
    return list(client.get(url(Message, "changelist"), {"q": term}).context["cl"].result_list)


def test_a_removed_message_keeps_its_place_and_loses_its_content(
        message: Message, moderator_client: Client, moderator: User) -> None:
    assert told(decide(moderator_client, "remove", message)) == ["1 removed."]
    message.refresh_from_db()
    assert (message.content, message.deleted_at is None) == ("", False)
    assert LogEntry.objects.get().user_id == moderator.pk


def test_a_second_removal_is_refused(message: Message, moderator_client: Client) -> None:
    decide(moderator_client, "remove", message)
    assert told(decide(moderator_client, "remove", message))[-1].endswith("The message is deleted already.")


def test_support_neither_sees_nor_removes(message: Message, support_client: Client) -> None:
    assert support_client.get(url(Message, "changelist")).status_code == 403
    assert decide(support_client, "remove", message).status_code == 403
    assert Message.objects.get().content == "Buy pills here"


def test_found_by_its_id_its_place_and_its_sender(message: Message, moderator_client: Client) -> None:
    conversation = make_conversation(message.sender)
    other = make_message(conversation, message.sender)
    make_message(make_room(), make_user())
    assert found(moderator_client, str(message.pk)) == [message]
    assert found(moderator_client, str(message.room_id)) == [message]
    assert found(moderator_client, str(conversation.pk)) == [other]
    assert found(moderator_client, str(message.sender_id)) == [other, message]
    assert found(moderator_client, str(message.sender.email).upper()) == [other, message]


def test_a_room_is_renamed_and_leads_to_its_messages(message: Message, moderator_client: Client) -> None:
    room = Room.objects.get()
    address = url(Room, "change", room.pk)
    assert f"room__id__exact={room.pk}" in moderator_client.get(address).content.decode()
    assert moderator_client.post(address, {"name": "Kitchen"}).status_code == 302
    room.refresh_from_db()
    assert room.name == "Kitchen"
