"""Whose food a person sees, and whose talk."""

from django.db.models import QuerySet

from foodshare.models import User
from groups.models import CommunityGroup, Conversation, MemberState, Message, Room


def sharing_groups(user: User) -> QuerySet[CommunityGroup]:
    """The groups of the person's own mode in which the person is an active member (settings.SHARING_GROUPS)."""
    return CommunityGroup.objects.filter(group_type=user.sharing_mode, memberships__user=user,
                                         memberships__state=MemberState.ACTIVE)


def rooms_of(user: User) -> QuerySet[Room]:
    """The rooms that the person may enter."""
    return Room.objects.filter(group__in=sharing_groups(user))


def conversations_of(user: User) -> QuerySet[Conversation]:
    """The conversations that the person takes part in."""
    return Conversation.objects.filter(participants__user=user)


def may_read(user: User, message: Message) -> bool:
    if message.room_id is not None:
        return rooms_of(user).filter(pk=message.room_id).exists()
    place = message.conversation_id
    return place is not None and conversations_of(user).filter(pk=place).exists()
