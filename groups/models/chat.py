"""Rooms of groups, conversations of a few people, and the messages in both."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from foodshare.db.fields import DatabaseNow, TimestampField
from foodshare.db.invalidation import noted
from foodshare.models import User
from foodshare.models.base import CreatedModel, TimeKeyedModel
from groups.models.communities import CommunityGroup


class Room(CreatedModel):
    """Where the members of a group talk."""

    group = models.ForeignKey(CommunityGroup, models.CASCADE, related_name="rooms", db_index=False)
    name = models.CharField(max_length=100)
    last_message_at = TimestampField(null=True, blank=True, help_text="None while nothing is written.")

    class Meta:
        db_table = "rooms"
        indexes = [models.Index(fields=["group", "created_at", "id"], name="rooms_group_page_idx")]

    def __str__(self) -> str:
        return self.name


class RoomReadPosition(models.Model):
    """How far a person has read in a room: up to the message with this key, and so up to its time."""

    id = models.BigAutoField(primary_key=True)
    room = models.ForeignKey(Room, models.CASCADE, related_name="read_positions", db_index=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    last_read = models.UUIDField(help_text="A message's key; the message may be in a partition that is gone.")

    class Meta:
        db_table = "room_read_positions"
        constraints = [models.UniqueConstraint(fields=["room", "user"], name="room_read_positions_uniq")]

    def __str__(self) -> str:
        return str(self.last_read)


class Conversation(CreatedModel):
    """A talk between a few people, apart from any group."""

    pair = models.CharField(max_length=73, null=True, blank=True, unique=True, editable=False,
                            help_text="Of two people: their ids in order, so that a pair has one conversation.")
    title = models.CharField(max_length=100, blank=True, db_default="")
    last_message_at = TimestampField(db_default=DatabaseNow(), help_text="Its beginning, while nothing is written.")

    class Meta:
        db_table = "conversations"

    def __str__(self) -> str:
        return self.title or str(self.pk)


class Participant(CreatedModel):
    """One person in one conversation, with how far they have read."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="participants", db_index=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="participations")
    last_read = models.UUIDField(null=True, blank=True, help_text="A message's key; none: nothing read yet.")

    class Meta:
        db_table = "conversation_participants"
        constraints = [models.UniqueConstraint(fields=["conversation", "user"], name="participants_pair_uniq")]

    def __str__(self) -> str:
        return str(self.user_id)


class MessageType(models.TextChoices):
    """An image's content is its URL; a system message is written by the platform."""

    TEXT = "TEXT"
    IMAGE = "IMAGE"
    SYSTEM = "SYSTEM"


class Message(TimeKeyedModel):
    """What somebody wrote in a room or in a conversation. Partitioned by month.

    A deleted message keeps its place and loses its content.
    """

    room = models.ForeignKey(Room, models.DO_NOTHING, null=True, blank=True, related_name="messages", db_index=False)
    conversation = models.ForeignKey(Conversation, models.DO_NOTHING, null=True, blank=True, related_name="messages",
                                     db_index=False)
    sender = models.ForeignKey(User, models.DO_NOTHING, related_name="messages", db_index=False)
    type = models.CharField(max_length=20, choices=MessageType, default=MessageType.TEXT, db_default=MessageType.TEXT)
    content = models.TextField()
    edited_at = TimestampField(null=True, blank=True)
    deleted_at = TimestampField(null=True, blank=True)

    class Meta:
        db_table = "messages"
        constraints = [
            models.CheckConstraint(name="messages_type_check", condition=Q(type__in=MessageType.values)),
            models.CheckConstraint(name="messages_place_check",
                                   condition=Q(room__isnull=False, conversation__isnull=True)
                                   | Q(room__isnull=True, conversation__isnull=False)),
        ]
        indexes = [
            models.Index(fields=["room"], name="idx_messages_room_id"),
            models.Index(fields=["sender"], name="idx_messages_sender_id"),
            BrinIndex(fields=["created_at"], name="idx_messages_created_at_brin"),
            models.Index(fields=["created_at", "id"], name="messages_created_at_id_idx"),
            models.Index(fields=["room", "-created_at", "-id"], name="messages_room_page_idx",
                         condition=Q(room__isnull=False)),
            models.Index(fields=["conversation", "-created_at", "-id"], name="messages_conversation_page_idx",
                         condition=Q(conversation__isnull=False)),
        ]
        triggers = noted("room", ["room_id"], inserts=True, updates=[
            "room_id", "sender_id", "type", "content", "created_at", "edited_at", "deleted_at"])

    def __str__(self) -> str:
        return self.content[:50]
