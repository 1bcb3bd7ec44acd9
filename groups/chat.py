"""Reads of rooms, conversations and messages: what the API answers from, and what performance_test times."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, OuterRef, Prefetch, QuerySet, Subquery
from django.utils import timezone

from foodshare.db.keys import time_of
from foodshare.db.operations import sql
from foodshare.models import User
from groups.access import conversations_of, rooms_of
from groups.models import Conversation, Membership, Message, Participant, Room, RoomReadPosition

Place = Literal["room", "conversation"]

MOST_LOOKED_AT = 200  # messages of one place, to find those not read yet
MOST_UNREAD = 99
RECENT = timedelta(days=31)  # what is looked at first
FIRST_KEY = UUID(int=0)
# The planner takes each place for an average one, and would read and sort all that is new in a busy one.
IN_ORDER = "SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_seqscan = off"
STANDINGS = {kind: sql("groups", "queries/standings").format(column=f"{kind}_id") for kind in get_args(Place)}


@dataclass(frozen=True)
class Standing:
    """A place as its reader finds it; `last_message` maps the columns of the newest one."""

    last_message: Mapping[str, Any] | None
    unread: int
    unread_is_exact: bool
    is_whole: bool  # whether nothing older could change it


def rooms_for(user: User) -> QuerySet[Room]:
    """The rooms that the person may enter, with how far they have `last_read` each and `since` when they may."""
    positions = RoomReadPosition.objects.filter(room=OuterRef("pk"), user=user)
    memberships = Membership.objects.filter(group=OuterRef("group"), user=user)
    return rooms_of(user).annotate(last_read=Subquery(positions.values("last_read")),
                                   since=Subquery(memberships.values("created_at")))


def conversations_for(user: User) -> QuerySet[Conversation]:
    """The person's conversations with everybody in them, how far the person has `last_read` and `since` when."""
    people = Participant.objects.select_related("user").only("conversation_id", "created_at", "user__name",
                                                             "user__image").order_by("created_at", "user_id")
    return conversations_of(user).annotate(last_read=F("participants__last_read"), since=F("participants__created_at")
                                           ).prefetch_related(Prefetch("participants", queryset=people))


def history(**place: Any) -> QuerySet[Message]:
    """The messages of a room or of a conversation, each with its sender's name, picture and city.

    One or the other, never both by OR, which no index serves.
    """
    return with_senders(Message.objects.filter(**place))


def with_senders(messages: QuerySet[Message]) -> QuerySet[Message]:
    return messages.select_related("sender__profile").only(
        "room_id", "conversation_id", "type", "content", "created_at", "edited_at", "deleted_at",
        "sender__name", "sender__image", "sender__profile__location_city")


def attach_standings(kind: Place, places: Sequence[Any], reader: User) -> None:
    """Give each place of a page its `standing`, by one statement for all; by a second for those long quiet.

    `places` carry `last_read` and `since`, as rooms_for and conversations_for give them.
    """
    found = dict(standings(kind, places, reader, timezone.now() - RECENT))
    quiet = [place for place in places if not found[place.pk].is_whole]
    if quiet:
        found |= standings(kind, quiet, reader, None)
    for place in places:
        place.standing = found[place.pk]


def standings(kind: Place, places: Sequence[Any], reader: User,
              oldest: datetime | None) -> Iterator[tuple[UUID, Standing]]:
    """Each place's key and standing, by messages not older than `oldest` (None: by all)."""
    points = {place.pk: point_of(place) for place in places}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(IN_ORDER)
        cursor.execute(STANDINGS[kind], {
            "places": list(points), "keys": [key for _, key in points.values()],
            "times": [naive(time) for time, _ in points.values()],
            "oldest": naive(oldest) if oldest else "-infinity", "reader": reader.pk, "most": MOST_LOOKED_AT})
        columns = [column.name for column in cursor.description]
        rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    for row in rows:
        reaches_back = oldest is None or row["looked_at"] == MOST_LOOKED_AT or points[row["id"]][0] >= oldest
        yield row["id"], standing_of(row, reaches_back)


def standing_of(row: dict[str, Any], reaches_back: bool) -> Standing:
    has_message = row["newest_id"] is not None
    unread = min(row["unread"], MOST_UNREAD + 1)
    exact = row["looked_at"] < MOST_LOOKED_AT and unread <= MOST_UNREAD
    last = row | {"created_at": row["created_at"].replace(tzinfo=UTC)} if has_message else None
    return Standing(last, unread, exact, is_whole=has_message and reaches_back)


def point_of(place: Any) -> tuple[datetime, UUID]:
    """Up to where the place is read: the last message read, or when the reader came in."""
    if place.last_read is None:
        return place.since, FIRST_KEY
    return max((time_of(place.last_read), place.last_read), (place.since, FIRST_KEY))


def naive(time: datetime) -> datetime:
    return time.astimezone(UTC).replace(tzinfo=None)
