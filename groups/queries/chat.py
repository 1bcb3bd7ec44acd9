"""Reads of rooms, conversations and messages: what the API answers from, and what performance_test times."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args
from uuid import UUID

from django.db import connections, transaction
from django.db.models import F, OuterRef, Prefetch, QuerySet, Subquery
from django.utils import timezone

from foodshare.db.fields import naive
from foodshare.db.keys import time_of
from foodshare.db.operations import sql
from foodshare.db.router import reading_alias
from foodshare.models import User
from groups.access import conversations_of, rooms_of
from groups.models import Conversation, Membership, Message, Participant, Room, RoomReadPosition

Place = Literal["room", "conversation"]

MOST_LOOKED_AT = 200  # messages of one place, to find those not read yet
MOST_UNREAD = 99
RECENT = timedelta(days=31)  # a statement about this time alone is planned for few partitions
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


NOTHING = Standing(None, 0, unread_is_exact=True)


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
    """Give each place of a page its `standing`, by one statement for all; by a second for those long quiet or unread.

    `places` carry `last_read` and `since`, as rooms_for and conversations_for give them.
    """
    written = [place for place in places if place.last_message_at is not None]
    recent = timezone.now() - RECENT
    lately = [place for place in written if looked_at_from(place) >= recent]
    long_ago = [place for place in written if looked_at_from(place) < recent]
    found = dict(standings(kind, lately, reader)) | dict(standings(kind, long_ago, reader))
    for place in places:
        place.standing = found.get(place.pk, NOTHING)


def looked_at_from(place: Any) -> datetime:
    """The time of the oldest message that says how the place stands."""
    newest: datetime = place.last_message_at
    return min(point_of(place)[0], newest)


def standings(kind: Place, places: Sequence[Any], reader: User) -> Iterator[tuple[UUID, Standing]]:
    """Each place's key and standing; something is written in each."""
    if not places:
        return
    points = [point_of(place) for place in places]
    newest = [place.last_message_at for place in places]
    server = reading_alias()
    with transaction.atomic(server), connections[server].cursor() as cursor:
        cursor.execute(IN_ORDER)
        cursor.execute(STANDINGS[kind], {
            "places": [place.pk for place in places], "keys": [key for _, key in points],
            "times": [naive(time) for time, _ in points], "newest": [naive(time) for time in newest],
            "first": naive(min(map(looked_at_from, places))), "last": naive(max(newest)), "reader": reader.pk,
            "most": MOST_LOOKED_AT})
        columns = [column.name for column in cursor.description]
        for row in cursor.fetchall():
            named = dict(zip(columns, row, strict=True))
            yield named["id"], standing_of(named)


def standing_of(row: dict[str, Any]) -> Standing:
    unread = min(row["unread"], MOST_UNREAD + 1)
    exact = row["looked_at"] < MOST_LOOKED_AT and unread <= MOST_UNREAD
    has_message = row["newest_id"] is not None
    last = row | {"created_at": row["created_at"].replace(tzinfo=UTC)} if has_message else None
    return Standing(last, unread, exact)


def point_of(place: Any) -> tuple[datetime, UUID]:
    """Up to where the place is read: the last message read, or when the reader came in."""
    if place.last_read is None:
        return place.since, FIRST_KEY
    return max((time_of(place.last_read), place.last_read), (place.since, FIRST_KEY))
