"""rooms, conversations and messages: talking in a group, and apart from any."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from foodshare.api.idempotency import IdempotentWrites
from foodshare.api.pagination import HistoryPagination, KeysetPagination, first_page
from foodshare.api.permissions import NotPending
from foodshare.api.requests import UUID_PATTERN, person_of
from foodshare.api.serializers import PartySerializer, StrictSerializer, UUIDTextField, has_visible_text
from foodshare.cache import aside
from foodshare.cache.keys import ROOM_MESSAGES, Pattern
from foodshare.models import User
from groups.access import may_read
from groups.models import Conversation, Message, MessageType, Participant, Room
from groups.queries import chat
from groups.services import chat as writes


class SenderSerializer(PartySerializer):
    """Who wrote a message; `city` is null for who has not told it."""

    city = serializers.CharField(source="profile.location_city", default=None, read_only=True, allow_null=True)

    class Meta(PartySerializer.Meta):
        fields = [*PartySerializer.Meta.fields, "city"]
        read_only_fields = fields


class MessageSerializer(serializers.ModelSerializer[Message]):
    """What somebody wrote. A deleted one keeps its place, with an empty content."""

    room = serializers.UUIDField(source="room_id", read_only=True, allow_null=True)
    conversation = serializers.UUIDField(source="conversation_id", read_only=True, allow_null=True)
    sender = SenderSerializer(read_only=True)

    class Meta:
        model = Message
        fields = ["id", "room", "conversation", "sender", "type", "content", "created_at", "edited_at", "deleted_at"]
        read_only_fields = fields


class ContentSerializer(StrictSerializer):
    """What one may change of a message."""

    content = serializers.CharField(
        max_length=writes.MAX_TEXT, validators=[has_visible_text],
        help_text=f"An image's is its https URL, of at most {writes.MAX_URL} characters.")


class NewMessage(ContentSerializer):
    type = serializers.ChoiceField([MessageType.TEXT, MessageType.IMAGE], default=MessageType.TEXT)


class LastMessageSerializer(serializers.Serializer[dict[str, Any]]):
    """The newest message of a place."""

    id = serializers.UUIDField(source="newest_id")
    sender = serializers.UUIDField(source="sender_id")
    sender_name = serializers.CharField(source="name")
    type = serializers.ChoiceField(MessageType.choices)
    content = serializers.CharField()
    created_at = serializers.DateTimeField()
    deleted_at = serializers.DateTimeField(allow_null=True)


class StandingFields(serializers.Serializer[Any]):
    """Mix-in of rooms and conversations: how their reader finds them."""

    unread = serializers.IntegerField(
        source="standing.unread", read_only=True,
        help_text=f"What others have written since you read here; {chat.MOST_UNREAD + 1} for more than "
                  f"{chat.MOST_UNREAD}.")
    unread_is_exact = serializers.BooleanField(
        source="standing.unread_is_exact", read_only=True, help_text="False when there may be more.")
    last_read = serializers.UUIDField(read_only=True, allow_null=True, help_text="The last message that you read.")
    last_message = LastMessageSerializer(source="standing.last_message", read_only=True, allow_null=True)


STANDING = ["unread", "unread_is_exact", "last_read", "last_message"]


class RoomSerializer(StandingFields, serializers.ModelSerializer[Room]):
    """A room of one of the reader's groups."""

    group = serializers.UUIDField(source="group_id", read_only=True)

    class Meta:
        model = Room
        fields = ["id", "group", "name", "created_at", *STANDING]
        read_only_fields = fields


class RoomName(StrictSerializer):
    name = serializers.CharField(max_length=100, validators=[has_visible_text])


class NewRoom(RoomName):
    group = UUIDTextField(source="group_id", help_text="One of your groups, of which you are an admin.")


class ParticipantSerializer(serializers.ModelSerializer[Participant]):
    id = serializers.UUIDField(source="user_id")
    name = serializers.CharField(source="user.name")
    image = serializers.CharField(source="user.image", allow_null=True)

    class Meta:
        model = Participant
        fields = ["id", "name", "image"]
        read_only_fields = fields


class ConversationSerializer(StandingFields, serializers.ModelSerializer[Conversation]):
    """A talk that the reader takes part in."""

    participants = ParticipantSerializer(many=True, read_only=True)

    class Meta:
        model = Conversation
        fields = ["id", "title", "participants", "created_at", "last_message_at", *STANDING]
        read_only_fields = fields


class NewConversation(StrictSerializer):
    participants = serializers.ListField(
        child=UUIDTextField(), min_length=1, max_length=writes.MOST_PEOPLE,
        help_text="Whom to talk with. You are one of them, named or not.")
    title = serializers.CharField(max_length=100, allow_blank=True, default="")


class ReadUpTo(StrictSerializer):
    message = UUIDTextField(help_text="The last message that you have read here.")


class ReadPosition(serializers.Serializer[dict[str, Any]]):
    """How far one has read; it never goes back."""

    last_read = serializers.UUIDField()


class RoomFilter(filters.FilterSet):
    group = filters.UUIDFilter(field_name="group_id", label="Id of a group.")

    class Meta:
        model = Room
        fields: list[str] = []


class TalkViewSet(IdempotentWrites, GenericViewSet[Any]):
    """What is common to the views of rooms and conversations."""

    permission_classes = (IsAuthenticated, NotPending)
    lookup_value_regex = UUID_PATTERN
    posting_scope: str | None = None
    filterset_class: Any = None
    pagination_class: Any = KeysetPagination
    kind: chat.Place
    kept_history: Pattern | None = None  # the newest messages of a place, where the cache has them
    write_message: Callable[..., Message]
    mark_read: Callable[[User, UUID, UUID], UUID]

    @property
    def user(self) -> User:
        return person_of(self.request)

    def list(self, request: Request) -> Response:
        places = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        chat.attach_standings(self.kind, places, self.user)
        return self.get_paginated_response(self.get_serializer(places, many=True).data)

    def retrieve(self, request: Request, pk: str) -> Response:
        return self.shown(UUID(pk))

    def shown(self, pk: UUID, status: int = 200) -> Response:
        """The answer with one place as it is now."""
        place = self.get_queryset().filter(pk=pk).first()
        if place is None:
            raise Http404
        chat.attach_standings(self.kind, [place], self.user)
        return Response(self.get_serializer(place).data, status)

    @extend_schema(responses=MessageSerializer(many=True))
    @action(detail=True, pagination_class=HistoryPagination, filterset_class=None, posting_scope="messages",
            keyset=("created_at", "id"), keyset_descending=True)
    def messages(self, request: Request, pk: str) -> HttpResponse:
        """What was written here, newest first."""
        if not self.get_queryset().filter(pk=pk).exists():
            raise Http404
        if self.kept_history and not request.query_params:
            return first_page(request, aside.get(self.kept_history, UUID(pk)))
        page = self.paginate_queryset(self.filter_queryset(chat.history(**{self.kind: pk})))
        return self.get_paginated_response(MessageSerializer(page, many=True).data)

    @extend_schema(request=NewMessage, responses={201: MessageSerializer})
    @messages.mapping.post
    def post_message(self, request: Request, pk: str) -> Response:
        """Write here."""
        message = self.write_message(self.user, UUID(pk), **NewMessage.checked(request.data))
        return shown_message(message.pk, status=201)

    @extend_schema(request=ReadUpTo, responses=ReadPosition)
    @action(detail=True, methods=["post"], posting_scope=None)
    def read(self, request: Request, pk: str) -> Response:
        """Say up to which message you have read here."""
        position = self.mark_read(self.user, UUID(pk), ReadUpTo.checked(request.data)["message"])
        return Response(ReadPosition({"last_read": position}).data)


class RoomViewSet(TalkViewSet):
    """The rooms of one's groups, the oldest first."""

    queryset = Room.objects.none()  # says the model
    serializer_class = RoomSerializer
    filterset_class = RoomFilter
    keyset: tuple[str, ...] = ("created_at", "id")
    keyset_descending = False
    kind = "room"
    kept_history = ROOM_MESSAGES
    write_message, mark_read = staticmethod(writes.post_in_room), staticmethod(writes.mark_room_read)

    def get_queryset(self) -> QuerySet[Room]:
        return chat.rooms_for(self.user)

    @extend_schema(request=NewRoom, responses={201: RoomSerializer})
    def create(self, request: Request) -> Response:
        """Open another room in a group; for its admins."""
        return self.shown(writes.add_room(self.user, **NewRoom.checked(request.data)).pk, status=201)

    @extend_schema(request=RoomName(partial=True), responses=RoomSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Rename a room; for the group's admins."""
        writes.rename_room(self.user, UUID(pk), **RoomName.checked(request.data))
        return self.shown(UUID(pk))


class ConversationViewSet(TalkViewSet):
    """One's conversations, the one last written in first."""

    queryset = Conversation.objects.none()  # says the model
    serializer_class = ConversationSerializer
    posting_scope = "conversations"
    keyset: tuple[str, ...] = ("last_message_at", "id")
    keyset_descending = True
    kind = "conversation"
    write_message = staticmethod(writes.post_in_conversation)
    mark_read = staticmethod(writes.mark_conversation_read)

    def get_queryset(self) -> QuerySet[Conversation]:
        return chat.conversations_for(self.user)

    @extend_schema(request=NewConversation, responses={200: ConversationSerializer, 201: ConversationSerializer})
    def create(self, request: Request) -> Response:
        """Begin to talk: 201. Two people have one conversation, which is found again: 200."""
        given = NewConversation.checked(request.data)
        conversation, is_new = writes.start_conversation(self.user, given["participants"], given["title"])
        return self.shown(conversation.pk, status=201 if is_new else 200)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"], posting_scope=None)
    def leave(self, request: Request, pk: str) -> Response:
        """Leave a conversation of more than two."""
        writes.leave_conversation(self.user, UUID(pk))
        return Response(status=204)


class MessageViewSet(IdempotentWrites, GenericViewSet[Message]):
    """Messages by id, wherever they were written."""

    queryset = Message.objects.none()  # says the model
    serializer_class = MessageSerializer
    permission_classes = (IsAuthenticated, NotPending)
    lookup_value_regex = UUID_PATTERN
    posting_scope = "messages"

    def retrieve(self, request: Request, pk: str) -> Response:
        message = chat.with_senders(Message.objects.filter(pk=pk)).first()
        if message is None or not may_read(person_of(request), message):
            raise Http404
        return Response(self.get_serializer(message).data)

    @extend_schema(request=ContentSerializer, responses=MessageSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Edit what you wrote, within 15 minutes."""
        writes.edit_message(person_of(request), UUID(pk), **ContentSerializer.checked(request.data))
        return shown_message(UUID(pk))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Take back what you wrote. It keeps its place, with an empty content; a second time is harmless."""
        writes.delete_message(person_of(request), UUID(pk))
        return Response(status=204)


def shown_message(pk: UUID, status: int = 200) -> Response:
    """The answer with a message that its reader has just written."""
    return Response(MessageSerializer(chat.with_senders(Message.objects.filter(pk=pk)).get()).data, status)
