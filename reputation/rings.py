"""Rings: people who rate each other up and get little from anybody else. Found here, judged by moderators."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid5

from django.db import connection, transaction

from foodshare.db.fields import naive
from foodshare.db.operations import sql
from foodshare.models import Exchange, OutboxEvent, Rating
from foodshare.services import outbox
from reputation.models import TrustViolation
from reputation.rules import RING

EVENT_TYPE = "rating_ring"
NAMESPACE = UUID("5f0d3a52-3c55-4c0e-9d0f-6e1f7b0a4c11")  # of the events' ids


@dataclass(frozen=True)
class Pair:
    """What a person got from a partner, each having given the other top stars often enough."""

    person: UUID
    partner: UUID
    ratings: int
    received: int  # by the person, from everybody


@dataclass(frozen=True)
class Found:
    """A ring: its people by id, the ratings they gave each other, and those ones' share of all that they received."""

    people: tuple[UUID, ...]
    ratings: int
    share: Decimal


def find(pairs: Iterable[Pair]) -> list[Found]:
    """The rings among pairs, each of which is given from both sides; the one with the most ratings comes first."""
    partners: dict[UUID, dict[UUID, int]] = {}
    received: dict[UUID, int] = {}
    for pair in pairs:
        partners.setdefault(pair.person, {})[pair.partner] = pair.ratings
        received[pair.person] = pair.received
    leave_out(partners, received)
    rings = [weighed(people, partners, received) for people in connected(partners)]
    return sorted(rings, key=lambda ring: (-ring.ratings, ring.people))


def leave_out(partners: dict[UUID, dict[UUID, int]], received: dict[UUID, int]) -> None:
    """Take out whoever gets too little from the others; and again, as those who stay then get less."""
    while outsiders := [person for person, given in partners.items() if not is_inside(sum(given.values()),
                                                                                      received[person])]:
        for person in outsiders:
            for partner in partners.pop(person):
                if partner in partners:
                    del partners[partner][person]


def is_inside(ratings: int, received: int) -> bool:
    return ratings >= RING.received and ratings >= RING.share * received


def connected(partners: dict[UUID, dict[UUID, int]]) -> Iterator[set[UUID]]:
    """The groups of people of whom one can be reached from another, partner by partner."""
    unseen = set(partners)
    while unseen:
        group, waiting = set(), [unseen.pop()]
        while waiting:
            group.add(person := waiting.pop())
            found = unseen.intersection(partners[person])
            unseen -= found
            waiting.extend(found)
        yield group


def weighed(people: set[UUID], partners: dict[UUID, dict[UUID, int]], received: dict[UUID, int]) -> Found:
    ratings = sum(sum(partners[person].values()) for person in people)
    share = Decimal(ratings) / sum(received[person] for person in people)
    return Found(tuple(sorted(people)), ratings, share.quantize(Decimal("0.01")))


def mutual_raters(since: datetime) -> list[Pair]:
    """The pairs among the ratings revealed since then."""
    with connection.cursor() as cursor:
        cursor.execute(sql("reputation", "queries/mutual_raters"),
                       {"since": naive(since), "stars": RING.stars, "mutual": RING.mutual})
        return [Pair(*row) for row in cursor.fetchall()]


@transaction.atomic
def report_rings(at: datetime) -> int:
    """Append to the outbox each ring that has not been told of in the month of `at`; return how many."""
    since = at - timedelta(days=RING.days)
    rings = {event_id(ring, at): ring for ring in find(mutual_raters(since))}
    known = {*TrustViolation.objects.filter(pk__in=rings).values_list("pk", flat=True),
             *OutboxEvent.objects.filter(event_id__in=rings).values_list("event_id", flat=True)}
    new = [event(key, ring, since) for key, ring in rings.items() if key not in known]
    OutboxEvent.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def event_id(ring: Found, at: datetime) -> UUID:
    """The same for the same people in the same month."""
    return uuid5(NAMESPACE, f"{at:%Y-%m} {' '.join(map(str, ring.people))}")


def event(key: UUID, ring: Found, since: datetime) -> OutboxEvent:
    evidence = {"people": [str(person) for person in ring.people], "ratings": ring.ratings, "share": str(ring.share),
                "since": since.isoformat(), "exchanges": [str(pk) for pk in exchanges_in(ring, since)]}
    return OutboxEvent(event_id=key, topic=outbox.TRUST_VIOLATIONS, event_type=EVENT_TYPE, user_id=ring.people[0],
                       payload=evidence)


def exchanges_in(ring: Found, since: datetime) -> list[UUID]:
    """The newest rated exchanges within the ring, RING.exchanges at most."""
    rated = Rating.objects.filter(rater__in=ring.people, revealed_at__gt=since).values("exchange")
    inside = Exchange.objects.filter(recipient__in=ring.people, food__author__in=ring.people, pk__in=rated)
    return list(inside.order_by("-completed_at", "-id").values_list("pk", flat=True)[:RING.exchanges])
