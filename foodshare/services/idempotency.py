"""Upkeep of the answers kept for retried writes."""

from datetime import timedelta

from django.utils import timezone

from foodshare.models import IdempotencyKey

KEPT = timedelta(hours=24)  # within which a retry gets the first answer
BATCH = 5_000  # rows a statement, so that no delete is long


def purge_idempotency_keys() -> int:
    """Delete the keys older than KEPT, in batches; answers how many."""
    total = 0
    before = timezone.now() - KEPT
    while True:
        oldest = IdempotencyKey.objects.filter(created_at__lt=before).order_by("created_at").values("pk")[:BATCH]
        deleted, _ = IdempotencyKey.objects.filter(pk__in=oldest).delete()
        total += deleted
        if deleted < BATCH:
            return total
