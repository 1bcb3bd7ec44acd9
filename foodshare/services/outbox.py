"""Saying what happened, in the transaction in which it happened."""

from typing import Any
from uuid import UUID

from foodshare.models import OutboxEvent

REPUTATION = "reputation.events"
MODE_TRANSITIONS = "user.mode.transitions"
GROUP_ACTIVITIES = "group.mode.activities"
TRUST_VIOLATIONS = "trust.violations"


def append(topic: str, event_type: str, user_id: UUID | None, **payload: Any) -> OutboxEvent:
    """Add an event about the person `user_id` to the outbox; call it inside the change's transaction.

    `payload` holds JSON values only: ids as strings, times in ISO 8601.
    """
    return OutboxEvent.objects.create(topic=topic, event_type=event_type, user_id=user_id, payload=payload)
