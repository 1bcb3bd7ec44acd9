"""Ledgers without streams: events are applied at once."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from foodshare.models import OutboxEvent, User
from reputation.ledger import description, received, recorded
from reputation.models import ReputationEvent
from reputation.replay import Standing, write
from reputation.scoring import Applied, Event, replay
from reputation.state import State

DELIVERY = timedelta(seconds=1)  # from an event to its application
TICK = timedelta(microseconds=1)


def event(kind: str, at: datetime, **facts: Any) -> Event:
    return Event(uuid4(), kind, at, **facts)


def apply_events(user: User, events: Iterable[Event], exchange: UUID | None = None) -> State:
    """Add events to the person's ledger, and write the live row and the memo that then belong to it."""
    past = events_of(user)
    state = State(user.created_at)
    rows: list[ReputationEvent] = []
    for state, applied in replay(user.created_at, [*past, *events]):
        number = len(rows) * TICK  # events of the same time are applied one after the other
        rows.append(ledger_row(user, applied, (state.latest or applied.event.at) + DELIVERY + number, exchange))
    ReputationEvent.objects.bulk_create(rows[len(past):])
    write({user.pk: Standing(state, rows[-1].pk, rows[-1].processed_at) if rows else Standing(state)})
    return state


def apply_outbox(user: User) -> State:
    """Apply what waits in the outbox of the person's reputation."""
    waiting = OutboxEvent.objects.filter(user=user, topic="reputation.events").order_by("id")
    state = apply_events(user, [received(row) for row in waiting])
    waiting.delete()
    return state


def events_of(user: User) -> list[Event]:
    rows = ReputationEvent.objects.filter(user=user, created_at__isnull=False).order_by("processed_at")
    return [recorded(row.pk, row.event_type, row.created_at, row.group_id, row.description)
            for row in rows]


def ledger_row(user: User, applied: Applied, processed_at: datetime, exchange: UUID | None) -> ReputationEvent:
    event = applied.event
    return ReputationEvent(
        id=event.id, user=user, event_type=event.type, impact_score=applied.impact, previous_score=applied.previous,
        new_score=applied.score, group_id=event.group and UUID(event.group), description=description(applied),
        related_exchange_id=exchange, created_at=event.at, processed_at=processed_at)
