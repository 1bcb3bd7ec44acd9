"""The log of what happens in groups and neighborhoods."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from foodshare.models import OutboxEvent
from groups.models import CommunityGroup, GroupActivity

KEPT = timedelta(days=90)
PURGE_BATCH = 5_000  # rows


def apply(rows: Sequence[OutboxEvent]) -> None:
    """Add what is not in the log yet. Of a group that is gone the rest is kept."""
    told = {row.payload.get("group_id") for row in rows} - {None}
    there = {str(pk) for pk in CommunityGroup.objects.filter(pk__in=told).values_list("pk", flat=True)}
    now = timezone.now()
    GroupActivity.objects.bulk_create([
        GroupActivity(id=row.event_id, group_id=group if (group := row.payload.get("group_id")) in there else None,
                      user_id=row.user_id, event_type=row.event_type, details=row.payload, stream_id=row.stream_id,
                      created_at=row.created_at, processed_at=now)
        for row in rows], ignore_conflicts=True)


def purge() -> int:
    """Delete what is older than KEPT, some thousands a transaction; answers how many."""
    old, purged = GroupActivity.objects.filter(created_at__lt=timezone.now() - KEPT).order_by("created_at"), 0
    while batch := list(old.values_list("pk", flat=True)[:PURGE_BATCH]):
        purged += GroupActivity.objects.filter(pk__in=batch).delete()[0]
    return purged
