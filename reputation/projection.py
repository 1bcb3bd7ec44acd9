"""What the reputation topic leaves in the database: the ledger, the live row and the memo of each person.

All of it is written in one transaction, with the people's live rows locked, in the order of their ids. The time at
which an event was processed grows with every event of a person, so that it tells the order in which they were applied.
"""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.db import connections

from foodshare.cache.keys import REPUTATION as SUMMARY
from foodshare.cache.through import renew
from foodshare.db.fields import naive
from foodshare.db.operations import sql
from foodshare.models import OutboxEvent
from foodshare.streams.names import REPUTATION, partition_of
from reputation import ledger, rules, scoring
from reputation.ledger import BadEvent, utc
from reputation.models import ReputationEvent, UserGlobalReputation
from reputation.queries import fetched
from reputation.replay import Standing, Sync, states, write
from reputation.scoring import Applied, Event
from reputation.state import State

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
    known = {id for (id,) in fetched("ledger_known", ids=[row.event_id for row in rows])}
    fresh = [row for row in rows if row.event_id not in known]
    if any(row.user_id is None for row in fresh):
        raise BadEvent("it concerns nobody")
    people = locked({row.user_id for row in fresh if row.user_id})
    for row in fresh:
        enter(people[row.user_id], row, now)
    add_to_ledger(people.values())
    keep({id: person for id, person in people.items() if person.applied}, now)


def locked(user_ids: Set[UUID]) -> dict[UUID | None, Person]:
    """The people, each with their state as it is now and stays until the transaction ends."""
    rows = fetched("rows_locked", people=list(user_ids))
    if missing := user_ids - {id for id, _ in rows}:
        UserGlobalReputation.objects.bulk_create([UserGlobalReputation(pk=id) for id in missing], ignore_conflicts=True)
        rows = fetched("rows_locked", people=list(user_ids))
    found = states(user_ids)
    return {id: Person(id, found[id], utc(at) if at else found[id].joined) for id, at in rows}


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
    waiting = dict(fetched("waiting", topic=REPUTATION, people=list(people)))
    write({person.id: Standing(person.state, person.applied[-1][0].event_id, person.processed_at)
           for person in people.values()},
          delivered={person.id: Sync(seconds_until(now, person.applied[-1][0].created_at),
                                     waiting.get(person.id, "synced")) for person in people.values()})
    renew(SUMMARY, people)


def seconds_until(now: datetime, at: datetime) -> int:
    return max(int((now - at).total_seconds()), 0)


def set_aside(row: OutboxEvent) -> None:
    """Say in the person's live row that an event of theirs could not be applied."""
    UserGlobalReputation.objects.filter(pk=row.user_id).update(reputation_sync_status="error")

