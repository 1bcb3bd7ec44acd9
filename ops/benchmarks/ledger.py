"""A ledger of any size with all that is kept of it: events drawn by chance, folded as they are when they come."""

import random
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import accumulate, pairwise
from multiprocessing import get_context
from typing import Any
from uuid import UUID

import psycopg
from django.db import connections, transaction

from foodshare.db.fields import naive
from reputation import rules
from reputation.ledger import description
from reputation.rebuild import PROCESSES
from reputation.replay import Standing, write
from reputation.scoring import Applied, Event, replay
from reputation.state import State
from reputation.workers import prepare

Report = Callable[[str, int, int], None]
PEOPLE = 1_000  # a transaction
HISTORY = timedelta(days=1096)
PARTNERS, GROUPS = 60, 5  # of one person, at most
TICK = timedelta(microseconds=1)
# How often a kind occurs.
CHANCES = {
    "exchange_completed": 350, "food_shared": 300, "highly_rated_food": 120, "exchange_rated": 80,
    "reliable_pickup": 60, "exchange_cancelled": 40, "community_help": 20, "poor_food_rating": 12, "no_show_pickup": 8,
    rules.ADJUSTMENT: 2, "exchange_resolved": 3, "spam_report": 2, "safety_violation": 1, rules.REVERSAL: 2,
}
KINDS = [*CHANCES]
WEIGHTS = [*accumulate(CHANCES.values())]
STARS = {"highly_rated_food": (5, 5), "exchange_rated": (1, 5), "poor_food_rating": (1, 2)}
ADD_PEOPLE = "COPY users (id, name, email, created_at, sharing_mode, verification_level) FROM STDIN"
ADD_EVENTS = """
    COPY reputation_events (id, user_id, event_type, impact_score, previous_score, new_score, group_id, description,
                            stream_partition, processed_at, created_at) FROM STDIN
"""


class LedgerInUse(Exception):
    """There are events already."""


@dataclass(frozen=True)
class Batch:
    """People made in one transaction. The same batch gives the same rows."""

    number: int
    people: int
    events: int
    groups: tuple[UUID, ...]
    at: datetime  # nothing happens later


def make(people: int, events: int, report: Report, *, append: bool = False, processes: int = PROCESSES) -> None:
    """Add people, and events in their ledger: few to most, many to some. Raises LedgerInUse unless `append`."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM reputation_events), (SELECT count(*) FROM users)")
        in_use, known = cursor.fetchone()
        cursor.execute("SELECT id FROM community_groups ORDER BY id LIMIT 100")
        groups = tuple(group for (group,) in cursor.fetchall())
    if in_use and not append:
        raise LedgerInUse
    at, done = datetime.now(UTC), 0
    batches = [Batch(known + first, min(PEOPLE, people - first),
                     events * min(first + PEOPLE, people) // people - events * first // people, groups, at)
               for first in range(0, people, PEOPLE)]
    names = ({"owner": str(connections["owner"].settings_dict["NAME"])},)
    with ProcessPoolExecutor(processes, get_context("spawn"), prepare, names) as pool:
        for future in as_completed([pool.submit(load, batch) for batch in batches]):
            done += future.result()
            report("ledger", done, events)
    with connections["owner"].cursor() as cursor:
        for table in ("users", "reputation_events", "user_global_reputation", "reputation_states"):
            cursor.execute(f"VACUUM (ANALYZE) {table}")


def load(batch: Batch) -> int:
    """Make a batch; return how many events it has."""
    rng = random.Random(f"{batch.number} {batch.at}")  # noqa: S311 - chance, not a secret
    people = {UUID(int=rng.getrandbits(128), version=4): batch.at - HISTORY * rng.random() for _ in range(batch.people)}
    standings, rows = {}, []
    for (user_id, joined), count in zip(people.items(), shares(rng, batch), strict=True):
        standings[user_id], added = lived(rng, batch, user_id, joined, count)
        rows += added
    rows.sort(key=lambda row: row[9])  # as they came
    connection = connections["owner"]
    with transaction.atomic("owner"), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        copy(connection.connection, ADD_PEOPLE, [
            (user_id, f"Person {number}", f"{user_id}@ledger.example", naive(joined), "community", "light")
            for number, (user_id, joined) in enumerate(people.items(), batch.number + 1)])
        copy(connection.connection, ADD_EVENTS, rows)
        write(standings, "owner")
    return len(rows)


def copy(connection: "psycopg.Connection[Any]", statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(statement.encode()) as target:
        for row in rows:
            target.write_row(row)


def shares(rng: random.Random, batch: Batch) -> list[int]:
    """How many events each person has: most have few, some have many; all of them are the batch's."""
    bounds = [0.0, *accumulate(rng.expovariate(1) ** 2 for _ in range(batch.people))]
    return [round(end / bounds[-1] * batch.events) - round(start / bounds[-1] * batch.events)
            for start, end in pairwise(bounds)]


def lived(rng: random.Random, batch: Batch, user_id: UUID, joined: datetime,
          count: int) -> tuple[Standing, list[tuple[Any, ...]]]:
    """Where a person stands after some events, and the rows of their ledger."""
    state, last, rows = State(joined), joined, []
    for state, applied in replay(joined, history(rng, batch, joined, count)):  # noqa: B007 - the last one is wanted
        last = max(last + TICK, applied.event.at)
        rows.append(row_of(user_id, applied, last))
    return Standing(state, rows[-1][0], last) if rows else Standing(state), rows


def history(rng: random.Random, batch: Batch, joined: datetime, count: int) -> list[Event]:
    """Some events of one person in their order; inactivity takes what it takes."""
    partners = [str(UUID(int=rng.getrandbits(128))) for _ in range(PARTNERS)]
    groups = rng.sample(batch.groups, min(GROUPS, len(batch.groups)))
    times = sorted(joined + (batch.at - joined) * rng.random() for _ in range(count))
    events: list[Event] = []
    active = joined
    for at in times:
        event = draw(rng, at, events, partners, [str(group) for group in groups], active)
        active = at if event.type in rules.ACTIVITIES else active
        events.append(event)
    return events


def draw(rng: random.Random, at: datetime, before: Sequence[Event], partners: Sequence[str], groups: Sequence[str],
         active: datetime) -> Event:
    [kind] = rng.choices(KINDS, cum_weights=WEIGHTS)
    id = UUID(int=rng.getrandbits(128), version=4)
    idle = max((days for days in rules.DECAY if at - active >= timedelta(days=days)), default=0)
    if idle and rng.random() < 0.5:
        return Event(id, rules.DECAY_EVENT, at, days=idle, since=active)
    if kind == rules.REVERSAL and before:
        return Event(id, kind, at, reverses=rng.choice(before).id)
    if kind in (rules.ADJUSTMENT, rules.REVERSAL):
        return Event(id, rules.ADJUSTMENT, at, raw=Decimal(rng.randint(-300, 300)) / 100, note="upon a complaint")
    return Event(id, kind, at, partner=rng.choice(partners), group=rng.choice(groups) if groups else None,
                 role=rng.choice(["giver", "recipient"]), stars=rng.randint(*STARS[kind]) if kind in STARS else None,
                 of="food" if kind in rules.RATINGS else "recipient" if kind in STARS else None)


def row_of(user_id: UUID, applied: Applied, processed_at: datetime) -> tuple[Any, ...]:
    event = applied.event
    return (event.id, user_id, event.type, applied.impact, applied.previous, applied.score, event.group,
            description(applied), user_id.int % 8, naive(processed_at), naive(event.at))
