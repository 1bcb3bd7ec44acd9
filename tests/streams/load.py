"""Writers who tell of many people's events at once, and what must come of it."""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from threading import Event as Flag
from uuid import UUID, uuid4

from django.db import connections, transaction

from foodshare.models import OutboxEvent, User
from foodshare.services import outbox, posts
from groups.models import CommunityGroup, GroupActivity
from reputation import scoring
from reputation.models import ReputationEvent, UserGlobalReputation
from reputation.rebuild import rebuild
from reputation.state import State
from tests.factories import later, make_group, make_member
from tests.streams.tools import adjust, tell

PLAIN = ("food_shared", "reliable_pickup", "community_help", "exchange_cancelled", "no_show_pickup", "spam_report")
OF_EXCHANGES = ("exchange_completed", "highly_rated_food", "poor_food_rating", "exchange_rated")


class GivenUp(Exception):
    """A change that is rolled back on purpose."""


@dataclass
class Load:
    """What was told: of each person, the committed events in their order; and what was rolled back."""

    group: CommunityGroup
    people: list[User]
    told: dict[UUID, list[OutboxEvent]]
    activities: set[UUID] = field(default_factory=set)
    undone: set[UUID] = field(default_factory=set)
    given_up: set[UUID] = field(default_factory=set)

    @property
    def size(self) -> int:
        return sum(map(len, self.told.values()))

    def write(self, people: Sequence[User], stop: Flag, pause: float, seed: int) -> None:
        """Tell of these people, whom nobody else tells of, until stopped."""
        chance = random.Random(seed)
        try:
            while not stop.wait(pause):
                self.change(chance.choice(people), chance)
        finally:
            connections.close_all()

    def change(self, user: User, chance: random.Random) -> None:
        """One transaction: up to three events, and what is told of the group; one in ten is rolled back."""
        undone: list[UUID] = []
        try:
            with transaction.atomic():
                before = OutboxEvent.objects.create(topic=outbox.GROUP_ACTIVITIES, event_type="group_joined", user=user,
                                                    payload={"group_id": str(self.group.pk)})
                for _ in range(chance.randint(1, 3)):
                    undone += self.happen(user, chance, undone)
                events = list(OutboxEvent.objects.filter(user=user, topic=outbox.REPUTATION, pk__gt=before.pk)
                              .order_by("pk"))
                if chance.random() < 0.1:
                    raise GivenUp
        except GivenUp:
            self.given_up |= {before.event_id, *(event.event_id for event in events)}
        else:
            self.told[user.pk] += events
            self.activities.add(before.event_id)
            self.undone |= set(undone)

    def happen(self, user: User, chance: random.Random, undone: Sequence[UUID]) -> list[UUID]:
        """One event; answers the one that it undoes, if any."""
        what = chance.random()
        past = [event for event in self.told[user.pk] if event.event_id not in {*self.undone, *undone}]
        if what < 0.12 and past:
            return [undo(user, past[-1] if chance.random() < 0.3 else chance.choice(past), chance)]
        if what < 0.2:
            posts.share(user, group_id=self.group.pk, title="Bread", pickup_time=later(hours=3))
        elif what < 0.3:
            adjust(user, str(Decimal(chance.randint(-800, 800)) / 100), note="of a test")
        elif what < 0.6:
            exchange(user, chance.choice([person for person in self.people if person != user]), chance)
        else:
            tell(user, chance.choice(PLAIN))
        return []

    def check(self) -> None:
        """Ledger = projection = expectation, each event once, in the order of its person."""
        ledger: dict[UUID | None, list[ReputationEvent]] = defaultdict(list)
        for row in ReputationEvent.objects.order_by("user_id", "processed_at"):
            ledger[row.user_id].append(row)
        assert {user: [row.pk for row in rows] for user, rows in ledger.items()} == {
            user: [event.event_id for event in events] for user, events in self.told.items() if events}
        assert set(GroupActivity.objects.filter(event_type="group_joined").values_list("pk", flat=True)) == (
            self.activities)
        assert not self.given_up & {row.pk for rows in ledger.values() for row in rows}
        for user in self.people:
            self.check_person(user, ledger[user.pk])
        findings = rebuild(lambda *progress: None, check=True)
        assert (dict(findings.totals), findings.events) == ({}, self.size), findings.differences

    def check_person(self, user: User, rows: Sequence[ReputationEvent]) -> None:
        columns, steps = State(user.created_at).columns(), []
        for state, applied in scoring.replay(user.created_at, expected(self.told[user.pk])):
            steps.append((applied.event.id, applied.previous, applied.impact, applied.score))
            columns = state.columns()
        assert [(row.pk, row.previous_score, row.impact_score, row.new_score) for row in rows] == steps
        assert [row.previous_score for row in rows[1:]] == [row.new_score for row in rows[:-1]]
        live = UserGlobalReputation.objects.get(pk=user.pk)
        if rows:
            assert {name: getattr(live, name) for name in columns} == columns
            assert (live.last_stream_event_id, live.reputation_sync_status) == (str(rows[-1].pk), "synced")


def exchange(user: User, partner: User, chance: random.Random) -> None:
    """Something that comes of an exchange with somebody."""
    kind, stars = chance.choice(OF_EXCHANGES), chance.randint(1, 5)
    rated = {"stars": stars, "of": "recipient" if kind == "exchange_rated" else "food"}
    giver, recipient = chance.sample([user, partner], 2)
    tell(user, kind, exchange_id=str(uuid4()), giver_id=str(giver.pk), recipient_id=str(recipient.pk),
         **(rated if kind != "exchange_completed" else {}))


def undo(user: User, event: OutboxEvent, chance: random.Random) -> UUID:
    """Reverse an event, by its id, or by its kind and exchange where it has one."""
    if "exchange_id" in event.payload and event.event_type in OF_EXCHANGES and chance.random() < 0.7:
        tell(user, "reversal", reverses_type=event.event_type, exchange_id=event.payload["exchange_id"])
    else:
        tell(user, "reversal", reverses=str(event.event_id))
    return event.event_id


def expected(events: Sequence[OutboxEvent]) -> list[scoring.Event]:
    """A person's events as the arithmetic has them, read from what was told and from nothing else."""
    return [event_told(event, events[:place]) for place, event in enumerate(events)]


def event_told(event: OutboxEvent, before: Sequence[OutboxEvent]) -> scoring.Event:
    told = event.payload
    mine, other = ("giver", "recipient") if told.get("giver_id") == str(event.user_id) else ("recipient", "giver")
    return scoring.Event(
        event.event_id, event.event_type, event.created_at, partner=told.get(f"{other}_id"),
        role=mine if f"{mine}_id" in told else None, group=told.get("group_id"), stars=told.get("stars"),
        of=told.get("of"), raw=Decimal(told.get("raw", 0)), note=told.get("note"), reverses=undone_by(event, before))


def undone_by(event: OutboxEvent, before: Sequence[OutboxEvent]) -> UUID | None:
    if event.event_type != "reversal":
        return None
    if "reverses" in event.payload:
        return UUID(event.payload["reverses"])
    [found] = [each for each in before if each.event_type == event.payload["reverses_type"]
               and each.payload.get("exchange_id") == event.payload["exchange_id"]]
    return found.event_id


@contextmanager
def under_load(people: int = 24, writers: int = 3, pause: float = 0.01) -> Iterator[Load]:
    """Writers at work while the block runs; their errors are raised at its end."""
    group = make_group()
    members = [make_member(group) for _ in range(people)]
    for user in members:
        user.refresh_from_db()
    load = Load(group, members, {user.pk: [] for user in members})
    stop = Flag()
    with ThreadPoolExecutor(writers) as pool:
        at_work = [pool.submit(load.write, load.people[n::writers], stop, pause, n) for n in range(writers)]
        try:
            yield load
        finally:
            stop.set()
    for writer in at_work:
        writer.result()
