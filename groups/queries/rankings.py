"""Who and what was most active of late, by window functions."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, prefetch_related_objects
from django.utils import timezone

from foodshare.db.fields import naive
from foodshare.db.operations import sql
from foodshare.models import User
from groups.models import CommunityGroup, ForumCategory, ForumThread, GroupActivitySummary, Room

LEADERS, TOP_THREADS = 50, 20  # shown
MONTH, WEEK = timedelta(days=30), timedelta(days=7)


def leaderboard(group: CommunityGroup, reader: User) -> tuple[list[User], User]:
    """The group's members by what they did in it in the last 30 days, and the reader's own place.

    Each has `shared` (posts), `completed` (exchanges of these posts, on either side) and `rank`. Who did nothing
    has no rank.
    """
    rows: list[Any] = list(User.objects.raw(sql("groups", "queries/leaderboard"), {
        "group": group.pk, "since": naive(timezone.now() - MONTH), "most": LEADERS, "reader": reader.pk}))
    leaders = [row for row in rows if row.place <= LEADERS]
    return leaders, next((row for row in rows if row.pk == reader.pk), without_deeds(reader))


def without_deeds(reader: User) -> Any:
    own: Any = User(pk=reader.pk, name=reader.name, image=reader.image)
    own.shared, own.completed, own.rank = 0, 0, None
    return own


def top_threads(category: ForumCategory | None = None) -> list[ForumThread]:
    """The threads with the most posts in the last 7 days, each with its `rank` and its `posts_this_week`."""
    now = timezone.now()
    threads = list(ForumThread.objects.raw(sql("groups", "queries/top_threads"), {
        "category": category and category.pk, "since": naive(now - WEEK), "until": naive(now), "most": TOP_THREADS}))
    prefetch_related_objects(threads, "author", "category")
    return threads


def most_active_groups(most: int) -> list[UUID]:
    """The groups in which most was shared in the last 30 days, as of the last refresh."""
    busy = GroupActivitySummary.objects.order_by("-food_posts_30d", F("last_food_post").desc(nulls_last=True))
    return [*busy.values_list("pk", flat=True)[:most]]


def busiest_rooms(most: int) -> list[UUID]:
    """The rooms in which was written last."""
    written_in = Room.objects.filter(last_message_at__isnull=False).order_by("-last_message_at")
    return [*written_in.values_list("pk", flat=True)[:most]]
