"""What several people do at once, over real connections."""

from typing import TypeVar

import pytest

from foodshare.models import User
from groups.models import Conversation, Message, Participant, RoomReadPosition
from groups.services import chat
from tests.factories import make_member, make_message, make_room, make_user
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
RACERS = 6
T = TypeVar("T")


def test_whoever_begins_at_once_finds_one_conversation() -> None:
    pair = make_user(), make_user()
    for _ in range(5):
        begun = at_once(lambda index: chat.start_conversation(pair[index % 2], [pair[1 - index % 2].pk]), RACERS)
        assert len({conversation.pk for conversation, _ in begun}) == 1
        assert sum(is_new for _, is_new in begun) == 1
        assert Participant.objects.count() == 2
        Conversation.objects.all().delete()


def test_messages_are_committed_in_the_order_of_their_keys() -> None:
    """Whoever sees a message has seen, or can see, all that come before it: what came `after` one misses none."""
    room = make_room()
    people = [make_member(room.group) for _ in range(RACERS)]

    def post_and_look(index: int) -> bool:
        """Whether everything older than a message just posted was there when it was."""
        for _ in range(10):
            posted = chat.post_in_room(people[index], room.pk, "Hello")
            seen[posted.pk] = Message.objects.filter(room=room, created_at__lt=posted.created_at).count()
        return True

    seen: dict[object, int] = {}
    assert all(at_once(post_and_look, RACERS))
    keys = list(Message.objects.order_by("created_at", "id").values_list("pk", flat=True))
    assert [seen[key] for key in keys] == list(range(10 * RACERS))


def test_the_last_message_is_the_newest() -> None:
    people = [make_user() for _ in range(RACERS)]
    conversation, _ = chat.start_conversation(people[0], [person.pk for person in people])
    for _ in range(5):
        at_once(lambda index: chat.post_in_conversation(people[index], conversation.pk, "Hello"), RACERS)
    conversation.refresh_from_db()
    newest = Message.objects.filter(conversation=conversation).latest("created_at", "id")
    assert conversation.last_message_at == newest.created_at


def test_the_furthest_of_several_readings_stays() -> None:
    room = make_room()
    reader: User = make_member(room.group)
    keys = [make_message(room, reader).pk for _ in range(RACERS)]
    for _ in range(5):
        at_once(lambda index: chat.mark_room_read(reader, room.pk, keys[index]), RACERS)
        assert RoomReadPosition.objects.get().last_read == keys[-1]
        RoomReadPosition.objects.all().delete()
