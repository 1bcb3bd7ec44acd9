"""What inactivity takes: events like any other, appended to the outbox when they are due, each of them once."""

import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db import connection, transaction

from foodshare.db.fields import naive
from foodshare.models import OutboxEvent
from foodshare.services import outbox
from reputation import replay, rules
from reputation.ledger import BadEvent
from reputation.models import ReputationEvent, UserGlobalReputation
from reputation.replay import write_memos
from reputation.state import DECAY_DAYS, State

logger = logging.getLogger(__name__)
NAMESPACE = UUID("6ad1b3c2-4f0e-4a53-9b3c-2f1f7f0c9d11")  # of the ids of these events
BATCH = 1_000  # people a transaction
FIRST_STEP = timedelta(days=DECAY_DAYS[0])
Between = Callable[[int], object]  # called after each transaction with the number of people that it was about
# Who may be due and has no memo that would tell.
UNREMEMBERED = """
    SELECT r.user_id FROM user_global_reputation r JOIN users u ON u.id = r.user_id
    WHERE u.is_active AND r.last_activity <= %(since)s AND r.user_id > %(after)s
      AND NOT EXISTS (SELECT FROM reputation_states s WHERE s.user_id = r.user_id)
    ORDER BY r.user_id LIMIT %(size)s
"""
DUE = """
    SELECT s.decay_due_at, s.user_id FROM reputation_states s JOIN users u ON u.id = s.user_id
    WHERE u.is_active AND s.decay_due_at <= %(at)s AND (s.decay_due_at, s.user_id) > (%(after_due)s, %(after)s)
    ORDER BY s.decay_due_at, s.user_id LIMIT %(size)s
"""
NOBODY = UUID(int=0)
NEWCOMER = timedelta(days=1)  # a row that was made within it was made when the person came


@dataclass
class Decayed:
    """What a run did, or would have done: memos made, events appended, and for how many people."""

    memos: int = 0
    events: int = 0
    people: int = 0

    def add(self, events: Sequence[OutboxEvent]) -> None:
        self.events += len(events)
        self.people += len({event.user_id for event in events})


def decay(at: datetime, *, dry_run: bool = False, between: Between = lambda people: None,
          batch: int = BATCH) -> Decayed:
    """Append what is due at `at`, an aware time; nothing twice, so that a run may be broken off.

    Suspended people are left out: they cannot become active. One whose ledger cannot be replayed is logged.
    """
    done = Decayed()
    for user_ids in unremembered(at, batch):
        remember(user_ids, at, done, dry_run)
        between(len(user_ids))
    for user_ids in due(at, batch):
        with transaction.atomic():
            done.add(append(all_due(foldable(locked(user_ids)), at), dry_run))
        between(len(user_ids))
    return done


def unremembered(at: datetime, size: int) -> Iterator[list[UUID]]:
    """Batches of people who have no memo, and did nothing for as long as the first step takes."""
    after, since = NOBODY, naive(at - FIRST_STEP)
    while found := rows(UNREMEMBERED, since=since, after=after, size=size):
        yield (user_ids := [user_id for (user_id,) in found])
        after = user_ids[-1]


def due(at: datetime, size: int) -> Iterator[list[UUID]]:
    """Batches of people from whom something is due, by when it was."""
    after_due, after = datetime.min, NOBODY
    while found := rows(DUE, at=naive(at), after_due=after_due, after=after, size=size):
        yield [user_id for _, user_id in found]
        after_due, after = found[-1]


def rows(query: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


@transaction.atomic
def remember(user_ids: Sequence[UUID], at: datetime, done: Decayed, dry_run: bool) -> None:
    """Make the memos of people; what is due of them follows with everybody else's, or is counted at once.

    Who was there before their ledger gets an opening event instead: they are inactive since then, and not since they
    came.
    """
    states = foldable(locked(user_ids))
    openings = list(opening_events(states, at))
    done.add(append(openings, dry_run))
    opened = {event.user_id for event in openings}
    states = {user_id: state for user_id, state in states.items() if user_id not in opened}
    done.memos += len(states)
    if dry_run:
        done.add(append(all_due(states, at), dry_run))
    else:
        write_memos(states)


def foldable(user_ids: Collection[UUID]) -> dict[UUID, State]:
    """The states of those of whom the ledger can be replayed."""
    try:
        return replay.states(user_ids)
    except BadEvent as error:
        if len(user_ids) == 1:
            logger.warning("inactivity of person %s: %s", *user_ids, error)
            return {}
    return {id: state for user_id in user_ids for id, state in foldable([user_id]).items()}


def locked(user_ids: Sequence[UUID]) -> list[UUID]:
    """Lock people's live rows, which keeps events from being applied to them."""
    found = UserGlobalReputation.objects.select_for_update().filter(pk__in=user_ids).order_by("pk")
    return list(found.values_list("pk", flat=True))


def opening_events(states: dict[UUID, State], at: datetime) -> Iterator[OutboxEvent]:
    """For people without an event whose row was made later than they came: they were active when it was made."""
    seen = UserGlobalReputation.objects.filter(pk__in=[id for id, state in states.items() if state.latest is None])
    for user_id, active in seen.order_by("pk").values_list("pk", "last_activity"):
        if active and active - states[user_id].joined > NEWCOMER:
            yield OutboxEvent(event_id=uuid5(NAMESPACE, f"{user_id} opening"), topic=outbox.REPUTATION,
                              event_type=rules.OPENING, user_id=user_id, created_at=at,
                              payload={"carried": {"last_activity": active.isoformat()}})


def append(events: Sequence[OutboxEvent], dry_run: bool) -> list[OutboxEvent]:
    """Append the events that are not known yet; return them. The caller holds the people's locks."""
    ids = [event.event_id for event in events]
    known = {*OutboxEvent.objects.filter(event_id__in=ids).values_list("event_id", flat=True),
             *ReputationEvent.objects.filter(pk__in=ids).values_list("pk", flat=True)}
    new = [event for event in events if event.event_id not in known]
    if not dry_run:
        OutboxEvent.objects.bulk_create(new)
    return new


def all_due(states: dict[UUID, State], at: datetime) -> list[OutboxEvent]:
    return [event for user_id, state in sorted(states.items()) for event in due_events(user_id, state, at)]


def due_events(user_id: UUID, state: State, at: datetime) -> Iterator[OutboxEvent]:
    since = state.active_since.isoformat()
    for days in steps(state, at):
        yield OutboxEvent(event_id=uuid5(NAMESPACE, f"{user_id} {since} {days}"), topic=outbox.REPUTATION,
                          event_type=rules.DECAY_EVENT, user_id=user_id, payload={"days": days, "since": since},
                          created_at=at)


def steps(state: State, at: datetime) -> list[int]:
    """The days of inactivity whose step is due, in order."""
    return [days for days in DECAY_DAYS if days > state.decayed and state.active_since + timedelta(days=days) <= at]
