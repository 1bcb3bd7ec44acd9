"""From the ledger to where people stand, and from there to what is kept of it: the live row and the memo."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.db import connections

from foodshare.db.operations import sql
from foodshare.models import User
from reputation import ledger
from reputation.ledger import BadEvent, utc
from reputation.scoring import Applied, Event, replay
from reputation.state import BadMemo, State, dump, load

LEDGER_OF = sql("reputation", "queries/ledger_of")
MEMOS = sql("reputation", "queries/memos")
WRITE_ROWS = sql("reputation", "queries/write_rows")
WRITE_STATES = sql("reputation", "queries/write_states")
FETCH = 2_000  # rows of the ledger at a time
DAMAGE = (ArithmeticError, AttributeError, KeyError, TypeError, ValueError)  # what a damaged row raises


class Entry(NamedTuple):
    """A row of the ledger; times are naive UTC, as psycopg reads them."""

    user_id: UUID
    id: UUID
    kind: str
    created_at: datetime
    processed_at: datetime
    group_id: UUID | None
    description: str | None
    impact: Decimal
    previous: Decimal
    score: Decimal


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a person stands, and the event after which; None for who has none yet."""

    state: State
    event_id: UUID | None = None
    processed_at: datetime | None = None

    def row(self) -> dict[str, Any]:
        """The columns of the live row that the ledger tells."""
        return self.state.columns() | {
            "reputation_updated_at": self.processed_at,
            "last_stream_event_id": str(self.event_id) if self.event_id else None}


def event_of(entry: Entry) -> Event:
    """Raises BadEvent for what the rules cannot apply."""
    try:
        event = ledger.recorded(entry.id, ledger.known(entry.kind), utc(entry.created_at), entry.group_id,
                                entry.description)
    except DAMAGE as error:
        raise bad(entry, error) from error
    return event


def bad(entry: Entry, error: Exception) -> BadEvent:
    return BadEvent(f"event {entry.id}: {error if isinstance(error, BadEvent) else f'{entry.kind}: {error!r}'}")


def steps(joined: datetime, entries: Sequence[Entry]) -> Iterator[tuple[Entry, State, Applied]]:
    """A person's history once more: each event with what it does, and the state after it, which then changes.

    Raises BadEvent, which names the event.
    """
    done = replay(joined, [event_of(entry) for entry in entries])
    for entry in entries:
        try:
            state, applied = next(done)
        except DAMAGE as error:
            raise bad(entry, error) from error
        yield entry, state, applied


def standing_after(joined: datetime, entries: Sequence[Entry]) -> Standing:
    """Raises BadEvent."""
    state = State(joined)
    for _, state, _ in steps(joined, entries):  # noqa: B007 - the last one is wanted
        pass
    return standing(state, entries)


def standing(state: State, entries: Sequence[Entry]) -> Standing:
    """A state as the one after these entries."""
    return Standing(state, entries[-1].id, utc(entries[-1].processed_at)) if entries else Standing(state)


def histories(rows: Iterable[Sequence[Any]]) -> Iterator[tuple[UUID, list[Entry]]]:
    """Rows of the ledger, in its order, by person."""
    for user_id, entries in groupby(map(Entry._make, rows), key=lambda entry: entry.user_id):
        yield user_id, list(entries)


def standings_of(user_ids: Collection[UUID], using: str = "default") -> dict[UUID, Standing]:
    """Fold the ledger of these people, a person at a time. Raises BadEvent. Unknown people are left out."""
    arrivals = dict(User.objects.using(using).filter(pk__in=user_ids).values_list("pk", "created_at"))
    found = {user_id: Standing(State(at)) for user_id, at in arrivals.items()}
    with connections[using].cursor() as cursor:
        cursor.execute(LEDGER_OF, [list(user_ids)])
        rows = (row for some in iter(lambda: cursor.fetchmany(FETCH), []) for row in some)
        for user_id, entries in histories(rows):
            found[user_id] = standing_after(arrivals[user_id], entries)
    return found


def state_of(user_ids: Collection[UUID], using: str = "default") -> dict[UUID, State]:
    """What the ledger of these people folds to: the memo of whom there is none. Raises BadEvent."""
    return {user_id: standing.state for user_id, standing in standings_of(user_ids, using).items()}


@dataclass(frozen=True, slots=True)
class Sync:
    """How a person's events are doing: seconds that the last one waited, and 'synced', 'processing' or 'error'."""

    lag: int
    status: str


def states(user_ids: Collection[UUID]) -> dict[UUID, State]:
    """Where these people stand: by their memos, or by the ledger of whom there is none, or none that can be read.

    The caller has locked the people's live rows. Raises BadEvent.
    """
    found = {}
    with connections["default"].cursor() as cursor:
        cursor.execute(MEMOS, {"people": list(user_ids)})
        for user_id, memo in cursor.fetchall():
            with suppress(BadMemo):
                found[user_id] = load(orjson.loads(memo))
    unknown = set(user_ids) - found.keys()
    return found | (state_of(unknown) if unknown else {})


def write(standings: Mapping[UUID, Standing], using: str = "default",
          delivered: Mapping[UUID, Sync] | None = None) -> None:
    """Keep where people stand: their live rows, which the caller has locked, and memos; made where missing.

    `delivered` is for people whose events came by a stream; without it nothing is said of the stream.
    """
    rows = [standing.row() | {"user_id": user_id, **columns_of(delivered[user_id] if delivered else Sync(0, "synced"))}
            for user_id, standing in standings.items()]
    with connections[using].cursor() as cursor:
        cursor.execute(WRITE_ROWS, {"rows": orjson.dumps(rows, default=str).decode(),
                                    "delivered": delivered is not None})
    write_memos({user_id: standing.state for user_id, standing in standings.items()}, using)


def columns_of(sync: Sync) -> dict[str, Any]:
    return {"stream_lag_seconds": sync.lag, "reputation_sync_status": sync.status}


def write_memos(states: Mapping[UUID, State], using: str = "default") -> None:
    """Keep what people's ledgers fold to."""
    rows = [{"user_id": user_id, "state": orjson.Fragment(dump(state)), "decay_due_at": state.decay_due_at()}
            for user_id, state in states.items()]
    with connections[using].cursor() as cursor:
        cursor.execute(WRITE_STATES, {"rows": orjson.dumps(rows).decode()})
