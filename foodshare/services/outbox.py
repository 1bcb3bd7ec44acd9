"""Saying what happened, in the transaction in which it happened."""

from typing import Any
from uuid import UUID

from foodshare.exceptions import Conflict
from foodshare.models import OutboxEvent, User
from foodshare.streams.names import GROUP_ACTIVITIES, MODE_TRANSITIONS, REPUTATION, TRUST_VIOLATIONS

__all__ = ["GROUP_ACTIVITIES", "MODE_TRANSITIONS", "REPUTATION", "TRUST_VIOLATIONS", "append", "retry"]


def append(topic: str, event_type: str, user_id: UUID | None, **payload: Any) -> OutboxEvent:
    """Add an event about the person `user_id` to the outbox; call it inside the change's transaction.

    `payload` holds JSON values only: ids as strings, times in ISO 8601.
    """
    return OutboxEvent.objects.create(topic=topic, event_type=event_type, user_id=user_id, payload=payload)


def retry(row: OutboxEvent, moderator: User) -> None:
    """Have an event that was set aside published and tried again. Raises Conflict when it is not set aside."""
    if not OutboxEvent.objects.filter(pk=row.pk).exclude(error="").update(error="", stream_id=None):
        raise Conflict("This event is not set aside; somebody else may have had it tried again.")
