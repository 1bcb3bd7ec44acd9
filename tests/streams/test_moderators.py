"""What moderators record of people, and what they reverse."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from foodshare.exceptions import Forbidden, Invalid
from foodshare.models import OutboxEvent, User
from reputation.explain import raw_and_why
from reputation.models import ReputationEvent, UserGlobalReputation
from reputation.services import record, reverse
from tests.factories import make_moderator, make_user
from tests.streams.tools import deliver, kinds, score, tell

pytestmark = pytest.mark.django_db
ADJUSTMENT = "adjustment"


@pytest.fixture
def person() -> User:
    return make_user()


@pytest.fixture
def moderator() -> User:
    return make_moderator()


@pytest.mark.parametrize(("kind", "after", "statistic"), [
    ("community_help", "77.50", "community_contributions"), ("spam_report", "70", "reported_incidents"),
    ("safety_violation", "65", "reported_incidents"),
])
def test_what_is_recorded_counts(server: Any, person: User, moderator: User, kind: str, after: str,
                                 statistic: str) -> None:
    assert record(person, moderator, kind, " Seen by two ").payload == {"note": "Seen by two", "by": str(moderator.pk)}
    deliver(server)
    assert (score(person), kinds(person)) == (Decimal(after), [kind])
    assert getattr(UserGlobalReputation.objects.get(pk=person.pk), statistic) == 1
    assert '"note":"Seen by two"' in str(ReputationEvent.objects.get().description)


@pytest.mark.parametrize(("points", "raw", "after"), [
    ("-30", "-30.00", "45"), ("12.5", "12.50", "87.50"), ("30", "30.00", "99.99"), ("0.01", "0.01", "75.01"),
])
def test_an_adjustment_moves_the_score_and_says_why(server: Any, person: User, moderator: User, points: str, raw: str,
                                                    after: str) -> None:
    assert record(person, moderator, ADJUSTMENT, "An error of ours", Decimal(points)).payload["raw"] == raw
    deliver(server)
    assert score(person) == Decimal(after)
    shown, why = raw_and_why(ReputationEvent.objects.get().description)
    assert Decimal(str(shown)) == Decimal(points)
    assert "by a moderator: An error of ours" in str(why)


@pytest.mark.parametrize(("kind", "reason", "points", "attr"), [
    ("food_shared", "x", None, "kind"), ("reversal", "x", None, "kind"), ("community_help", "x", "1", "points"),
    (ADJUSTMENT, "x", None, "points"), (ADJUSTMENT, "x", "30.01", "points"), (ADJUSTMENT, "x", "-31", "points"),
    (ADJUSTMENT, "x", "0.001", "points"), (ADJUSTMENT, "x", "NaN", "points"), ("spam_report", " ", None, "reason"),
])
def test_what_cannot_be_recorded_is_refused(person: User, moderator: User, kind: str, reason: str, points: str | None,
                                            attr: str) -> None:
    with pytest.raises(Invalid) as refused:
        record(person, moderator, kind, reason, None if points is None else Decimal(points))
    assert refused.value.attr == attr
    assert not OutboxEvent.objects.exists()


def test_what_is_reversed_counts_for_nothing(server: Any, person: User, moderator: User) -> None:
    record(person, moderator, "safety_violation", "Spoiled food")
    deliver(server)
    told = reverse(ReputationEvent.objects.get(), moderator, "It was another")
    assert told.payload == {"reverses": str(ReputationEvent.objects.get().pk), "note": "It was another",
                            "by": str(moderator.pk)}
    deliver(server)
    assert (score(person), kinds(person)) == (Decimal(75), ["safety_violation", "reversal"])
    assert UserGlobalReputation.objects.get(pk=person.pk).reported_incidents == 0


def test_a_reversal_is_reversed_in_turn(server: Any, person: User, moderator: User) -> None:
    tell(person)
    deliver(server)
    for kind in ("food_shared", "reversal"):
        reverse(ReputationEvent.objects.get(event_type=kind), moderator, "A mistake")
        deliver(server)
    assert score(person) == Decimal(77)


def test_a_reversal_needs_a_reason(person: User, moderator: User) -> None:
    with pytest.raises(Invalid, match="why"):
        reverse(ReputationEvent(id=uuid4(), user=person), moderator, " ")


def test_nobody_decides_about_themselves(moderator: User) -> None:
    with pytest.raises(Forbidden):
        record(moderator, moderator, "community_help", "I helped")
    with pytest.raises(Forbidden):
        reverse(ReputationEvent(id=uuid4(), user=moderator), moderator, "It was not me")
