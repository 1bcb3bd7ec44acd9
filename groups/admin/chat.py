"""Rooms, conversations and messages, for who looks into what was written and takes it away."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from foodshare.admin.base import PlatformAdmin
from foodshare.admin.decisions import Decision, action
from groups.admin.partitioned import PartitionedAdmin
from groups.models import Conversation, Message, Participant, Room, RoomReadPosition
from groups.services import chat

REMOVE = Decision("remove", "Remove these messages?", "removed", chat.remove_message)
SHOWN = 80  # characters of a message in a list


def link_to_messages(place: Room | Conversation) -> SafeString:
    return format_html('<a class="text-link" href="{}?{}__id__exact={}">Messages</a>',
                       reverse("admin:groups_message_changelist"), place._meta.model_name, place.pk)


@admin.register(Room)
class RoomAdmin(PlatformAdmin):
    """In the order of a group's list of rooms."""

    ordering = ("group_id", "created_at", "id")
    list_display = ("name", "group", "created_at")
    list_select_related = ("group",)
    link_lookups = ("group__id__exact",)
    search_fields = ("id", "group_id")
    search_help_text = "The whole id of a room or a group"
    readonly_fields = ("links",)
    editable = ("name",)
    fieldsets = ((None, {"fields": ("name", "group", "links", "created_at", "id")}),)

    @admin.display(description="see also")
    def links(self, room: Room) -> SafeString:
        return link_to_messages(room)


@admin.register(Conversation)
class ConversationAdmin(PlatformAdmin):
    """In no order that means anything: a conversation is found by its id or from its participants."""

    ordering = ("id",)
    list_display = ("id", "title", "last_message_at", "created_at")
    search_fields = ("id",)
    search_help_text = "A conversation's whole id"
    readonly_fields = ("links",)
    fieldsets = ((None, {"fields": ("title", "links", "last_message_at", "created_at", "id")}),)

    @admin.display(description="see also")
    def links(self, conversation: Conversation) -> SafeString:
        return format_html('{} · <a class="text-link" href="{}?conversation__id__exact={}">Participants</a>',
                           link_to_messages(conversation), reverse("admin:groups_participant_changelist"),
                           conversation.pk)


@admin.register(RoomReadPosition)
class RoomReadPositionAdmin(PlatformAdmin):
    ordering = ("id",)
    list_display = ("user", "room", "last_read")
    list_select_related = ("user", "room")
    search_fields = ("room_id", "user_id", "user__email")
    search_help_text = "The person's e-mail address, or the whole id of a room or person"


@admin.register(Participant)
class ParticipantAdmin(PlatformAdmin):
    ordering = ("id",)
    list_display = ("user", "conversation", "created_at")
    list_select_related = ("user", "conversation")
    link_lookups = ("conversation__id__exact", "user__id__exact")
    search_fields = ("id", "conversation_id", "user_id", "user__email")
    search_help_text = "The person's e-mail address, or the whole id of a conversation or person"


@admin.register(Message)
class MessageAdmin(PartitionedAdmin):
    """The newest first. Nothing is changed here but taken away."""

    ordering = ("-created_at", "-id")
    list_display = ("beginning", "sender", "room", "conversation", "type", "created_at", "deleted_at")
    list_select_related = ("sender", "room", "conversation")
    link_lookups = ("room__id__exact", "conversation__id__exact", "sender__id__exact")
    search_fields = ("id", "room_id", "conversation_id", "sender_id", "sender__email")
    search_help_text = "The sender's e-mail address, or the whole id of a message, room, conversation or sender"
    actions = ("remove",)
    actions_detail = ("remove",)

    @admin.display(description="message")
    def beginning(self, message: Message) -> str:
        return message.content[:SHOWN] or "(deleted)"

    def describe(self, row: Message) -> str:
        return f"{row.sender}: {self.beginning(row)}"

    def offers(self, request: HttpRequest, row: Message, action: str) -> bool:
        return row.deleted_at is None

    @action(description="Remove", permissions=["moderate"], icon="block")
    def remove(self, request: HttpRequest, queryset: QuerySet[Message] | None = None,
               object_id: str | None = None) -> HttpResponse:
        return self.decide(request, REMOVE, queryset, object_id)
