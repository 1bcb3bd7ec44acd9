"""Reading rooms and conversations, near the newest message and far from it, and how many messages are unread."""

from functools import partial

from groups.api.chat import ConversationViewSet, RoomViewSet
from ops.benchmarks import talk
from ops.benchmarks.read import Read, get
from ops.benchmarks.sample import Sample

LIMIT = 50.0  # ms, document B
ROOM_MESSAGES = RoomViewSet.as_view({"get": "messages"}, **RoomViewSet.messages.kwargs)
CONVERSATION_MESSAGES = ConversationViewSet.as_view({"get": "messages"}, **ConversationViewSet.messages.kwargs)
ROOMS = RoomViewSet.as_view({"get": "list"})
CONVERSATIONS = ConversationViewSet.as_view({"get": "list"})


def reads(sample: Sample) -> list[Read]:
    rooms = talk.rooms()
    deep = [(room, reader, key) for room, reader in rooms if (key := talk.in_the_middle(room))]
    return [
        Read("chat: a room's newest", LIMIT, [
            partial(get, ROOM_MESSAGES, reader, pk=str(room)) for room, reader in rooms], as_statements=True),
        Read("chat: a room, deep", LIMIT, [
            partial(get, ROOM_MESSAGES, reader, {"around": key}, pk=str(room)) for room, reader, key in deep],
            as_statements=True),
        Read("chat: a conversation's newest", LIMIT, [
            partial(get, CONVERSATION_MESSAGES, reader, pk=str(place)) for place, reader in talk.conversations()],
            as_statements=True),
        Read("chat: rooms and what is unread", LIMIT, [
            partial(get, ROOMS, user) for user in talk.in_most("memberships", memberships__state="active")],
            as_statements=True),
        Read("chat: conversations and what is unread", LIMIT, [
            partial(get, CONVERSATIONS, user) for user in talk.in_most("participations")], as_statements=True),
    ]
