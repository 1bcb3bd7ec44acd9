"""Ledgers without streams: events are applied at once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from foodshare.models import User
from reputation.ledger import description
from reputation.models import ReputationEvent
from reputation.replay import Standing, write
from reputation.scoring import Applied, Event, replay
from reputation.state import State

DELIVERY = timedelta(seconds=1)  # from an event to its application


def apply_events(user: User, events: Sequence[Event]) -> State:
    """Make the person's whole ledger of these events, and the live row and the memo that belong to it."""
    state = State(user.created_at)
    rows: list[ReputationEvent] = []
    for state, applied in replay(user.created_at, events):
        number = timedelta(microseconds=len(rows))  # events of the same time are applied one after the other
        rows.append(ledger_row(user, applied, (state.latest or applied.event.at) + DELIVERY + number))
    ReputationEvent.objects.bulk_create(rows)
    last = rows[-1]
    write({user.pk: Standing(state, last.pk, last.processed_at)})
    return state


def ledger_row(user: User, applied: Applied, processed_at: datetime) -> ReputationEvent:
    event = applied.event
    return ReputationEvent(
        id=event.id, user=user, event_type=event.type, impact_score=applied.impact, previous_score=applied.previous,
        new_score=applied.score, group_id=event.group and UUID(event.group), description=description(applied),
        created_at=event.at, processed_at=processed_at)
