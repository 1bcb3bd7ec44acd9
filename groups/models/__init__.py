"""The models of this app."""

from groups.models.activities import GroupActivity
from groups.models.chat import Conversation, Message, MessageType, Participant, Room, RoomReadPosition
from groups.models.communities import (
    CommunityGroup,
    GroupActivitySummary,
    GroupType,
    MemberRole,
    Membership,
    MemberState,
)
from groups.models.forum import ForumCategory, ForumPost, ForumThread
from groups.models.statuses import StatusUpdate
from groups.models.watched import WatchedExchange

__all__ = [
    "CommunityGroup", "Conversation", "ForumCategory", "ForumPost", "ForumThread", "GroupActivity",
    "GroupActivitySummary", "GroupType", "MemberRole", "MemberState", "Membership", "Message", "MessageType",
    "Participant", "Room", "RoomReadPosition", "StatusUpdate", "WatchedExchange",
]
