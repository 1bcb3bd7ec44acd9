"""How an event stands in the ledger: in document A's columns, and with what replay needs besides in the description.

The description is a JSON object: `raw`, what the event is worth by itself; `why`, a sentence; and of FACTS those that
the event has.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

import orjson

from foodshare.models import OutboxEvent
from reputation import rules
from reputation.scoring import Applied, Event
from reputation.state import CENT, moment

FACTS = ("partner", "role", "stars", "of", "days", "since", "reverses", "carried", "note")
RATED = {"exchange_rated", *rules.RATINGS}


class BadEvent(ValueError):
    """An event that the rules cannot apply; the message says why."""


def description(applied: Applied) -> str:
    """What the ledger's columns do not hold."""
    facts = {name: value for name in FACTS if (value := getattr(applied.event, name))}
    return orjson.dumps({"raw": str(applied.raw), "why": applied.reason, **facts}).decode()


def recorded(id: UUID, kind: str, created_at: datetime, group_id: UUID | None, description: str | None) -> Event:
    """The event of a row of the ledger."""
    facts = orjson.loads(description or "{}")
    return Event(
        id, kind, created_at, partner=facts.get("partner"), group=str(group_id) if group_id else None,
        role=facts.get("role"), stars=facts.get("stars"), of=facts.get("of"), raw=Decimal(facts.get("raw", 0)),
        days=facts.get("days", 0), since=moment(facts["since"]) if "since" in facts else None,
        reverses=UUID(facts["reverses"]) if "reverses" in facts else None, carried=facts.get("carried"),
        note=facts.get("note"))


def received(row: OutboxEvent) -> Event:
    """The event of a row of the outbox, but for what a reversal undoes. Raises BadEvent."""
    payload, user = row.payload, str(row.user_id)
    giver, recipient = payload.get("giver_id"), payload.get("recipient_id")
    try:
        return Event(
            row.event_id, known(row.event_type), row.created_at, partner=giver if user == recipient else recipient,
            group=payload.get("group_id"), role={giver: "giver", recipient: "recipient"}.get(user),
            stars=stars_of(row), of=payload.get("of"), raw=points(payload.get("raw", 0)),
            days=decay_step(row), since=moment(payload["since"]) if "since" in payload else None,
            carried=payload.get("carried"), note=payload.get("note"))
    except BadEvent:
        raise
    except (AttributeError, InvalidOperation, KeyError, TypeError, ValueError) as error:
        raise BadEvent(f"{row.event_type}: {error!r}") from error


def known(kind: str) -> str:
    """Raises BadEvent for a kind that no rule knows."""
    if kind not in KINDS:
        raise BadEvent(f"{kind}: no rule knows this kind of event")
    return kind


KINDS = {*rules.RULES, *rules.WITHOUT_IMPACT, rules.DECAY_EVENT, rules.REVERSAL, rules.ADJUSTMENT, rules.OPENING}


def points(text: Any) -> Decimal:
    """Points of a score, in hundredths. Raises BadEvent."""
    value = Decimal(text)
    if not value.is_finite() or abs(value) > rules.HIGHEST or value != value.quantize(CENT):
        raise BadEvent(f"{text} points: must be hundredths from -{rules.HIGHEST} to {rules.HIGHEST}")
    return value


def stars_of(row: OutboxEvent) -> int | None:
    if row.event_type not in RATED:
        return None
    stars = row.payload.get("stars")
    if stars not in range(1, 6):
        raise BadEvent(f"{row.event_type}: {stars!r} stars")
    return int(stars)


def decay_step(row: OutboxEvent) -> int:
    if row.event_type != rules.DECAY_EVENT:
        return 0
    days = row.payload.get("days")
    if days not in rules.DECAY:
        raise BadEvent(f"{row.event_type}: no step after {days!r} days")
    return int(days)


def utc(at: datetime) -> datetime:
    """A time as psycopg reads it from a column, made aware."""
    return at.replace(tzinfo=UTC)


def undoing(reversal: Event, payload: Mapping[str, Any], history: "Sequence[tuple[Event, UUID | None]]") -> Event:
    """The reversal, with the event of the person's history (each with its exchange) that it undoes. Raises BadEvent.

    The payload names the event's id (`reverses`), or its kind and exchange (`reverses_type`, `exchange_id`): then the
    latest such event that is not undone already. Where it names the kind, alone or beside the id, there may be no such
    event, as it happened before there was a ledger: then nothing is undone.
    """
    if "reverses" in payload:
        found = [event.id for event, _ in history if str(event.id) == payload["reverses"]]
        if not found and "reverses_type" not in payload:
            raise BadEvent(f"{rules.REVERSAL}: {payload['reverses']} is not in this person's ledger")
    else:
        undone = {event.reverses for event, _ in history}
        found = [event.id for event, exchange in history if event.type == payload.get("reverses_type")
                 and str(exchange) == payload.get("exchange_id") and event.id not in undone]
    return replace(reversal, reverses=found[-1] if found else None)
