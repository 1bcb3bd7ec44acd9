"""Writes to rooms, conversations and messages, one transaction each.

Who posts locks the place's row first and makes the message's key then, so that messages are committed in the order
of their keys: a reader who asks for what came `after` one, or has read up to it, misses none.
"""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils import timezone

from foodshare.db.keys import new_key
from foodshare.exceptions import Conflict, Forbidden, Invalid, Missing
from foodshare.models import Relationship, User
from foodshare.services.sharing import refuse_other_groups
from groups.access import conversations_of, may_read, rooms_of
from groups.live import announce, membership_changed, rooms_changed
from groups.models import Conversation, Message, MessageType, Participant, Room, RoomReadPosition
from groups.services.communities import locked, refuse_but_admins

MOST_ROOMS = 50  # of one group
FEWEST_PEOPLE, MOST_PEOPLE = 2, 50  # in one conversation
MAX_TEXT, MAX_URL = 4000, 2000  # characters of a message
EDITABLE_FOR = timedelta(minutes=15)
check_url = URLValidator(schemes=["https"])


@transaction.atomic
def add_room(admin: User, group_id: UUID, name: str) -> Room:
    """Open another room in a group.

    Raises Invalid for a group in which the person does not share, Forbidden but for an admin, and Conflict when
    the group has a room of this name, or as many as it may have.
    """
    refuse_other_groups(admin, group_id)
    group = locked(group_id)
    refuse_but_admins(group, admin)
    if Room.objects.filter(group=group).count() >= MOST_ROOMS:
        raise Conflict(f"A group has at most {MOST_ROOMS} rooms.")
    refuse_taken_name(group_id, name)
    room = Room.objects.create(group=group, name=name)
    rooms_changed(group_id)
    room.refresh_from_db(fields=["created_at"])
    return room


@transaction.atomic
def rename_room(admin: User, room_id: UUID, name: str) -> None:
    """Raises Missing, Forbidden but for an admin of the group, and Conflict as `add_room` does."""
    room = rooms_of(admin).filter(pk=room_id).first()
    if room is None:
        raise Missing("There is no such room.")
    refuse_but_admins(locked(room.group_id), admin)
    if name != room.name:
        refuse_taken_name(room.group_id, name)
        Room.objects.filter(pk=room_id).update(name=name)


def refuse_taken_name(group_id: UUID, name: str) -> None:
    if Room.objects.filter(group=group_id, name=name).exists():
        raise Conflict("The group has a room of this name.")


@transaction.atomic
def start_conversation(starter: User, others: Collection[UUID], title: str = "") -> tuple[Conversation, bool]:
    """Begin to talk with others; the conversation, and whether it is new. Two people have one for ever.

    Raises Invalid for too few or too many people and for an unknown one, Forbidden where one of them and the
    starter have blocked each other.
    """
    people = list(User.objects.filter(pk__in={*others, starter.pk}, is_active=True).order_by("pk"))
    if len(people) < len({*others, starter.pk}):
        raise Invalid("There is no such person among the active ones.", attr="participants")
    if not FEWEST_PEOPLE <= len(people) <= MOST_PEOPLE:
        raise Invalid(f"A conversation has {FEWEST_PEOPLE} to {MOST_PEOPLE} people.", attr="participants")
    refuse_blocked(starter, [person for person in people if person != starter])
    if len(people) == FEWEST_PEOPLE:
        pair = ":".join(str(person.pk) for person in people)
        conversation, is_new = Conversation.objects.get_or_create(pair=pair, defaults={"title": title})
    else:
        conversation, is_new = Conversation.objects.create(title=title), True
    if is_new:
        Participant.objects.bulk_create(Participant(conversation=conversation, user=person) for person in people)
        for person in people:
            membership_changed(person.pk)
    return conversation, is_new


def refuse_blocked(user: User, others: list[User]) -> None:
    """Raises Forbidden where the person and one of the others have blocked each other, whoever did."""
    if Relationship.objects.blocks_between(user, others).exists():
        raise Forbidden("One of you has blocked the other.")


@transaction.atomic
def leave_conversation(user: User, conversation_id: UUID) -> None:
    """Raises Missing, and Conflict for a conversation of two, which neither can leave."""
    conversation = conversation_to_write(user, conversation_id)
    if conversation.pair is not None:
        raise Conflict("A conversation of two cannot be left; block the other to end it.")
    Participant.objects.filter(conversation=conversation, user=user).delete()
    membership_changed(user.pk)


@transaction.atomic
def post_in_room(sender: User, room_id: UUID, content: str, type: str = MessageType.TEXT) -> Message:
    """Raises Missing, and Invalid for a content that the type does not allow."""
    check_content(type, content)
    room = rooms_of(sender).select_for_update(of=("self",), no_key=True).filter(pk=room_id).first()
    if room is None:
        raise Missing("There is no such room.")
    message = Message.objects.create(id=next_key(room), room=room, sender=sender, type=type, content=content)
    Room.objects.filter(pk=room_id).update(last_message_at=message.created_at)
    announce("message", message)
    return message


@transaction.atomic
def post_in_conversation(sender: User, conversation_id: UUID, content: str,
                         type: str = MessageType.TEXT) -> Message:
    """Raises Missing, Invalid for a content that the type does not allow, and Forbidden between two after a block."""
    check_content(type, content)
    conversation = conversation_to_write(sender, conversation_id)
    refuse_blocked_pair(sender, conversation)
    message = Message.objects.create(id=next_key(conversation), conversation=conversation, sender=sender, type=type,
                                     content=content)
    Conversation.objects.filter(pk=conversation_id).update(last_message_at=message.created_at)
    announce("message", message)
    return message


def next_key(place: Room | Conversation) -> UUID:
    """The key of a message in the locked place: later than those there, though the clocks of servers differ."""
    return new_key(max(timezone.now(), (place.last_message_at or place.created_at) + timedelta(microseconds=1)))


def conversation_to_write(user: User, conversation_id: UUID) -> Conversation:
    """The conversation, its row locked. Raises Missing."""
    mine = conversations_of(user).select_for_update(of=("self",), no_key=True)
    conversation = mine.filter(pk=conversation_id).first()
    if conversation is None:
        raise Missing("There is no such conversation.")
    return conversation


def refuse_blocked_pair(user: User, conversation: Conversation) -> None:
    if conversation.pair is not None:
        both = User.objects.filter(participations__conversation=conversation)
        refuse_blocked(user, list(both.exclude(pk=user.pk)))


def check_content(type: str, content: str) -> None:
    """Raises Invalid for a text that is too long, and for an image whose content is not its https address."""
    if type == MessageType.TEXT and len(content) > MAX_TEXT:
        raise Invalid(f"A text has at most {MAX_TEXT} characters.", attr="content")
    if type == MessageType.IMAGE and not (len(content) <= MAX_URL and is_https(content)):
        raise Invalid(f"An image's content is its https URL, of at most {MAX_URL} characters.", attr="content")


def is_https(text: str) -> bool:
    try:
        check_url(text)
    except ValidationError:
        return False
    return True


@transaction.atomic
def edit_message(author: User, message_id: UUID, content: str) -> None:
    """Change what one wrote.

    Raises Missing, Forbidden for another's message and after a block between two, Conflict when it is deleted or
    older than EDITABLE_FOR, and Invalid as posting does.
    """
    message = own_message(author, message_id)
    if message.type == MessageType.SYSTEM:
        raise Forbidden("The platform wrote this message.")
    if message.deleted_at is not None:
        raise Conflict("The message is deleted.")
    if message.created_at < timezone.now() - EDITABLE_FOR:
        raise Conflict(f"A message can be edited for {EDITABLE_FOR.seconds // 60} minutes.")
    if message.conversation is not None:
        refuse_blocked_pair(author, message.conversation)
    check_content(message.type, content)
    if content != message.content:
        message.content, message.edited_at = content, timezone.now()
        message.save(update_fields=["content", "edited_at"])
        announce("message_edited", message)


@transaction.atomic
def delete_message(author: User, message_id: UUID) -> None:
    """Take back what one wrote; a second time is harmless. Raises Missing, and Forbidden for another's message."""
    blank(own_message(author, message_id))


@transaction.atomic
def remove_message(message: Message, moderator: User) -> None:
    """Take away what somebody wrote. Raises Conflict when it is gone already."""
    held = Message.objects.select_for_update(no_key=True).get(pk=message.pk)
    if held.deleted_at is not None:
        raise Conflict("The message is deleted already.")
    blank(held)


def own_message(author: User, message_id: UUID) -> Message:
    """The person's message, its row locked. Raises Missing when the person cannot read it, Forbidden for another's."""
    message = Message.objects.select_for_update(no_key=True).filter(pk=message_id).first()
    if message is None or not may_read(author, message):
        raise Missing("There is no such message.")
    if message.sender_id != author.pk:
        raise Forbidden("Only the author may do this.")
    return message


def blank(message: Message) -> None:
    """Leave of a message its place only."""
    if message.deleted_at is None:
        message.content, message.deleted_at = "", timezone.now()
        message.save(update_fields=["content", "deleted_at"])
        announce("message_deleted", message)


@transaction.atomic
def mark_room_read(reader: User, room_id: UUID, message_id: UUID) -> UUID:
    """Note that the reader has read up to a message; how far they have read now, as it never goes back.

    Raises Missing, and Invalid when the message is not of this room.
    """
    if not rooms_of(reader).filter(pk=room_id).exists():
        raise Missing("There is no such room.")
    refuse_elsewhere(Message.objects.filter(pk=message_id, room=room_id).exists())
    position, _ = RoomReadPosition.objects.select_for_update(no_key=True).get_or_create(
        room_id=room_id, user=reader, defaults={"last_read": message_id})
    return advance(position, message_id)


@transaction.atomic
def mark_conversation_read(reader: User, conversation_id: UUID, message_id: UUID) -> UUID:
    """As mark_room_read, for a conversation."""
    position = Participant.objects.select_for_update(no_key=True).filter(
        conversation=conversation_id, user=reader).first()
    if position is None:
        raise Missing("There is no such conversation.")
    refuse_elsewhere(Message.objects.filter(pk=message_id, conversation=conversation_id).exists())
    return advance(position, message_id)


def advance(position: RoomReadPosition | Participant, message_id: UUID) -> UUID:
    """Move a locked position forward to the message, never back; where it is now."""
    if position.last_read is None or position.last_read < message_id:
        position.last_read = message_id
        position.save(update_fields=["last_read"])
    return position.last_read


def refuse_elsewhere(is_here: bool) -> None:
    if not is_here:
        raise Invalid("There is no such message here.", attr="message")
