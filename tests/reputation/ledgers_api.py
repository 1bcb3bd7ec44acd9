"""Ledgers made without streams: what the consumers would write for a person's events."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson

from foodshare.models import User
from reputation.ledger import description
from reputation.models import ReputationEvent, ReputationState, UserGlobalReputation
from reputation.scoring import Applied, Event, apply
from reputation.state import State, dump


def event(kind: str, at: datetime, **facts: Any) -> Event:
    return Event(uuid4(), kind, at, **facts)


def apply_events(user: User, events: Iterable[Event], exchange: UUID | None = None) -> State:
    """Write the ledger of a person who has none (`events` in order, no reversal), the row, and the memo."""
    state = State(user.created_at)
    ReputationEvent.objects.bulk_create(rows_of(user, state, events, exchange))
    UserGlobalReputation.objects.filter(user=user).update(**state.columns())
    ReputationState.objects.create(user=user, state=orjson.loads(dump(state)), decay_due_at=state.decay_due_at())
    return state


def rows_of(user: User, state: State, events: Iterable[Event], exchange: UUID | None) -> Iterator[ReputationEvent]:
    for number, each in enumerate(events):
        yield row_of(user, apply(state, each), each.at + timedelta(seconds=1, microseconds=number), exchange)


def row_of(user: User, applied: Applied, processed_at: datetime, exchange: UUID | None) -> ReputationEvent:
    happened = applied.event
    return ReputationEvent(
        id=happened.id, user=user, event_type=happened.type, created_at=happened.at, processed_at=processed_at,
        impact_score=applied.impact, previous_score=applied.previous, new_score=applied.score,
        group_id=happened.group and UUID(happened.group), related_exchange_id=exchange,
        description=description(applied))
