"""What the reputation topic leaves in the database: the ledger, the live row and the memo of each person.

All of it is written in one transaction, with the people's live rows locked, in the order of their ids. The time at
which an event was processed grows with every event of a person, so that it tells the order in which they were applied.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

import orjson
from django.contrib.postgres.aggregates import BoolOr
from django.db import connections
from django.db.models import Q

from foodshare.db.fields import naive
from foodshare.db.operations import sql
from foodshare.models import OutboxEvent
from foodshare.streams.names import REPUTATION, partition_of
from reputation import ledger, rules, scoring
from reputation.ledger import BadEvent
from reputation.models import ReputationEvent, ReputationState, UserGlobalReputation
from reputation.replay import Standing, state_of, write
from reputation.scoring import Applied, Event
from reputation.state import State, load

TICK = timedelta(microseconds=1)


@dataclass(slots=True)
class Person:
    """Somebody whose live row is locked, with what this transaction has applied to them."""

    id: UUID
    state: State
    processed_at: datetime
    applied: list[tuple[OutboxEvent, Applied, datetime]] = field(default_factory=list)

    def history(self) -> list[tuple[Event, UUID | None]]:
        """Every event of theirs in order, each with its exchange."""
        rows = ReputationEvent.objects.filter(user=self.id).order_by("processed_at", "created_at", "pk").values_list(
            "pk", "event_type", "created_at", "group_id", "description", "related_exchange_id")
        return [*((ledger.recorded(id, kind, at or self.state.joined, group, description), exchange)
                  for id, kind, at, group, description, exchange in rows),
                *((done.event, exchange_of(row)) for row, done, _ in self.applied)]


def apply(rows: Sequence[OutboxEvent]) -> None:
    """Apply each person's events in their order; those that are in the ledger already change nothing.

    Raises BadEvent for one that no rule can apply.
    """
    now = datetime.now(UTC)
    known = set(ReputationEvent.objects.filter(pk__in=[row.event_id for row in rows]).values_list("pk", flat=True))
    fresh = [row for row in rows if row.event_id not in known]
    if any(row.user_id is None for row in fresh):
        raise BadEvent("it concerns nobody")
    people = locked(row.user_id for row in fresh)
    for user_id, theirs in groupby(fresh, key=lambda row: row.user_id):
        for row in theirs:
            enter(people[user_id], row, now)
    add_to_ledger(people.values())
    keep(people, now)


def locked(user_ids: Iterable[UUID | None]) -> dict[UUID | None, Person]:
    """The people, each with their state as it is now and stays until the transaction ends."""
    wanted = sorted({user_id for user_id in user_ids if user_id})
    UserGlobalReputation.objects.bulk_create([UserGlobalReputation(user_id=id) for id in wanted], ignore_conflicts=True)
    rows = UserGlobalReputation.objects.select_for_update().filter(pk__in=wanted).order_by("pk")
    times = dict(rows.values_list("pk", "reputation_updated_at"))
    kept = dict(ReputationState.objects.filter(pk__in=wanted).values_list("pk", "state"))
    states = {id: load(state) for id, state in kept.items()}
    states |= state_of(missing) if (missing := times.keys() - kept.keys()) else {}
    return {id: Person(id, states[id], at or states[id].joined) for id, at in times.items()}


def enter(person: Person, row: OutboxEvent, now: datetime) -> None:
    """Apply one event to a person's state."""
    event = ledger.received(row)
    history = person.history() if event.type == rules.REVERSAL else []
    if event.type == rules.REVERSAL:
        event = ledger.undoing(event, row.payload, history)
    if event.reverses is None:
        applied = scoring.apply(person.state, event)
    else:
        person.state, applied = scoring.reverse(person.state, [known for known, _ in history], event)
    person.processed_at = max(now, person.processed_at + TICK)
    person.applied.append((row, applied, person.processed_at))


def add_to_ledger(people: Iterable[Person]) -> None:
    rows = [ledger_row(row, applied, at) for person in people for row, applied, at in person.applied]
    with connections["default"].cursor() as cursor:
        cursor.execute(sql("reputation", "queries/add_to_ledger"), {"rows": orjson.dumps(rows, default=str).decode()})


def ledger_row(row: OutboxEvent, applied: Applied, processed_at: datetime) -> dict[str, Any]:
    return {
        "id": row.event_id, "user_id": row.user_id, "event_type": row.event_type, "impact_score": applied.impact,
        "previous_score": applied.previous, "new_score": applied.score, "group_id": applied.event.group,
        "related_exchange_id": exchange_of(row), "description": ledger.description(applied),
        "stream_id": row.stream_id, "stream_partition": partition_of(row.user_id),
        "processed_at": naive(processed_at), "created_at": naive(row.created_at),
    }


def exchange_of(row: OutboxEvent) -> UUID | None:
    exchange = row.payload.get("exchange_id")
    return UUID(exchange) if exchange else None


def keep(people: "dict[UUID | None, Person]", now: datetime) -> None:
    """Write where the people stand now, and how their events are doing."""
    changed = {person.id: person for person in people.values() if person.applied}
    write({id: Standing(person.state, person.applied[-1][0].event_id, person.processed_at)
           for id, person in changed.items()},
          lags={id: max(int((now - person.applied[-1][0].created_at).total_seconds()), 0)
                for id, person in changed.items()})
    for user_id, is_bad in waiting(changed):
        UserGlobalReputation.objects.filter(pk=user_id).update(
            reputation_sync_status="error" if is_bad else "processing")


def waiting(user_ids: Iterable[UUID]) -> Iterable[tuple[UUID, bool]]:
    """Those of the people who have events that are not applied yet, and whether one of these is set aside."""
    rows = OutboxEvent.objects.filter(topic=REPUTATION, user__in=list(user_ids))
    return rows.values_list("user_id").annotate(is_bad=BoolOr(~Q(error=""))).order_by("user_id")


def set_aside(row: OutboxEvent) -> None:
    """Say in the person's live row that an event of theirs could not be applied."""
    UserGlobalReputation.objects.filter(pk=row.user_id).update(reputation_sync_status="error")

