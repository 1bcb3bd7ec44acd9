"""Whom and what the reads of chats, feed and forum are done for: always the busiest and the emptiest among them."""

from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from foodshare.models import RelationshipStatus, RelationshipType, User, VerificationLevel
from groups.models import Conversation, ForumThread, Membership, MemberState, Message, Participant, Room

T = TypeVar("T")
FRIENDS = (5_000, 500, 3, 0)  # of the readers of a feed, as nearly as there are such people


def ends(ranked: Sequence[T]) -> list[T]:
    """The first three, one in the middle, and the last."""
    return list(dict.fromkeys([*ranked[:3], *ranked[len(ranked) // 2:][:1], *ranked[-1:]]))


def rooms() -> list[tuple[UUID, User]]:
    """Rooms, the one with the most messages first, and one with the fewest last; each with somebody who reads it."""
    messages = dict(Message.objects.filter(room__isnull=False).values_list("room").annotate(n=Count("pk")))
    ranked = sorted(Room.objects.values_list("pk", flat=True), key=lambda room: (-messages.get(room, 0), room))
    return [(room, reader) for room in ends(ranked) if (reader := reader_of(room))]


def reader_of(room: UUID) -> User | None:
    """The first member of the room's group who shares in its mode now."""
    members = Membership.objects.filter(
        group__rooms=room, state=MemberState.ACTIVE, user__is_active=True, user__sharing_mode=F("group__group_type"))
    verified = members.exclude(user__verification_level=VerificationLevel.PENDING).select_related("user")
    found = verified.order_by("created_at", "pk").first()
    return found.user if found else None


def conversations() -> list[tuple[UUID, User]]:
    """Conversations, the one with the most messages first, and one with the fewest last; each with a participant."""
    messages = dict(Message.objects.filter(conversation__isnull=False).values_list("conversation")
                    .annotate(n=Count("pk")))
    places = Conversation.objects.filter(participants__user__is_active=True).distinct()
    ranked = sorted(places.values_list("pk", flat=True), key=lambda place: (-messages.get(place, 0), place))
    return [(place, Participant.objects.filter(conversation=place, user__is_active=True).select_related("user")
             .order_by("pk")[0].user) for place in ends(ranked)]


def in_the_middle(room: UUID) -> UUID | None:
    """The room's message halfway between its first and its last one, by time; in a busy room it lies deep."""
    messages = Message.objects.filter(room=room).order_by("created_at", "pk")
    first, last = messages.first(), messages.last()
    if first is None or last is None:
        return None
    middle = first.created_at + (last.created_at - first.created_at) / 2
    return messages.filter(created_at__gte=middle).values_list("pk", flat=True)[0]


def active() -> QuerySet[User]:
    """Who may read it all."""
    return User.objects.filter(is_active=True).exclude(verification_level=VerificationLevel.PENDING)


def in_most(memberships: str, **conditions: Any) -> list[User]:
    """Who has the most rows of this kind, and who has few."""
    counted = active().filter(**conditions).annotate(n=Count(memberships)).order_by("-n", "pk")
    return [*counted[:2], *counted.reverse()[:1]]


def with_friends() -> list[User]:
    """People with about as many friends as FRIENDS says, in its order."""
    friends = Q(relationships__type=RelationshipType.FRIEND, relationships__status=RelationshipStatus.ACCEPTED)
    counts = list(active().annotate(n=Count("relationships", filter=friends)).values_list("n", "pk"))
    nearest = (min(counts, key=lambda count: (abs(count[0] - wanted), count[1]), default=None) for wanted in FRIENDS)
    return [User.objects.get(pk=key) for _, key in dict.fromkeys(count for count in nearest if count)]


def threads() -> list[ForumThread]:
    """Threads, that with the most posts first, and one with few last."""
    ranked = ForumThread.objects.select_related("category").order_by("-post_count", "pk")
    return [*ranked[:2], *ranked.reverse()[:1]]
