"""What moderators should look at: taken from the stream trust.violations, and reviewed."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from foodshare.exceptions import Conflict
from foodshare.models import OutboxEvent, User
from reputation.models import TrustViolation


def apply(rows: Sequence[OutboxEvent]) -> None:
    """Put the events in the moderators' list; one that is there already stays as it is."""
    now = timezone.now()
    TrustViolation.objects.bulk_create([
        TrustViolation(id=row.event_id, kind=row.event_type, user_id=row.user_id, details=row.payload,
                       stream_id=row.stream_id, created_at=row.created_at, processed_at=now)
        for row in rows
    ], ignore_conflicts=True)


@transaction.atomic
def review(violation: TrustViolation, moderator: User, note: str = "") -> TrustViolation:
    """Take it off the list of what waits. Raises Conflict when somebody has reviewed it before."""
    held = TrustViolation.objects.select_for_update(no_key=True).get(pk=violation.pk)
    if held.reviewed_at is not None:
        raise Conflict("This has been reviewed already.")
    held.reviewed_at, held.reviewed_by, held.note = timezone.now(), moderator, note
    held.save(update_fields=["reviewed_at", "reviewed_by", "note"])
    return held
