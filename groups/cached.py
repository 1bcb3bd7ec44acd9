"""What of groups and talk is kept in the cache, and how it is loaded (foodshare.cache.keys).

Each is what the API answers, the same for whoever may see it; who may, and from whom something is hidden, is asked
outside. When a partition's rows go with it, as they do at the end of their time, no trigger tells: pages that show
them do so for at most their lifetime longer.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from foodshare.api.pagination import HistoryPagination
from foodshare.api.rendered import render
from foodshare.models import Exchange, Relationship, RelationshipStatus, RelationshipType, User
from groups.api.chat import MessageSerializer
from groups.api.forum import ranked
from groups.api.pages import FeedPagination
from groups.api.serializers import GroupSummarySerializer
from groups.api.statuses import StatusSerializer
from groups.models import CommunityGroup, Message, StatusUpdate
from groups.queries import chat, communities


def user_feed(person_id: UUID | str) -> bytes:
    """The first page of a person's feed. It rests on whom the person has as a friend or blocks, or is blocked by."""
    pages = FeedPagination(User(pk=UUID(str(person_id))))
    rows = pages.first(StatusUpdate.objects.all(), "feed-list")
    return render(pages.page(StatusSerializer(rows, many=True).data))


def room_messages(room_id: UUID | str) -> bytes:
    """The newest messages of a room, for who may enter it."""
    pages = HistoryPagination()
    rows = pages.first(chat.history(room=room_id), "room-messages")
    return render(pages.page(MessageSerializer(rows, many=True).data))


def global_feed(_: Any = "") -> list[dict[str, Any]]:
    """The forum's top threads of the week, as somebody sees them from whom none is hidden.

    The week moves on with no change that a trigger could tell: a post may count for up to the lifetime, a minute,
    longer than it should.
    """
    return ranked()


def summary(group_id: UUID | str) -> bytes | None:
    """A group's summary; None where there is no such group.

    What leaves the last 30 days, for the average, and a direct call of document A's refresh_group_activity_summary()
    no trigger tells: both are seen at the end of the lifetime, five minutes.
    """
    group = CommunityGroup.objects.filter(pk=group_id).first()
    return render(GroupSummarySerializer(communities.summary_or_zeros(group)).data) if group else None


def feeds_showing(people: Sequence[str]) -> Iterable[str]:
    """Whose feeds show what these people told: their own and their friends'. A friendship stands in both directions."""
    friends = Relationship.objects.filter(from_user__in=map(UUID, people), type=RelationshipType.FRIEND,
                                          status=RelationshipStatus.ACCEPTED)
    return {*people, *map(str, friends.values_list("to_user_id", flat=True).distinct())}


def rooms_showing(people: Sequence[str]) -> Iterable[str]:
    """The rooms in which these people have written, though they may have left the group."""
    written = Message.objects.filter(sender__in=map(UUID, people), room__isnull=False)
    return map(str, written.values_list("room_id", flat=True).distinct())


def groups_rated(exchanges: Sequence[str]) -> Iterable[str]:
    """The groups in which these exchanges were."""
    found = Exchange.objects.filter(pk__in=map(UUID, exchanges), food__group__isnull=False)
    return map(str, found.values_list("food__group_id", flat=True).distinct())
