"""What a person is told of how their score came about."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foodshare.models import User
from reputation import rules
from reputation.models import ReputationEvent, ReputationState, UserGlobalReputation
from reputation.scoring import Event
from tests.factories import client_for, later, make_user
from tests.reputation.ledgers import apply_events, event

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/me/reputation/explain"


def explained(user: User) -> Any:
    answer = client_for(user).get(ADDRESS)
    assert answer.status_code == 200, answer.content
    return answer.json()


def kind(data: Any, name: str) -> Any:
    (found,) = [each for each in data["kinds"] if each["event_type"] == name]
    return found


def at_noon(days: int = 0) -> datetime:
    """A time before now, on one day of UTC."""
    return later(days=-1 - days).replace(hour=12)


def test_a_new_person() -> None:
    data = explained(make_user())
    assert (data["score"], data["level"], data["trend"], data["sync_status"]) == (
        "75.00", "developing", "stable", "synced")
    assert data["events"] == []
    assert data["next_level"] == {
        "level": "established", "missing": {"score": "0.00", "exchanges": 5, "days": 0, "partners": 0, "quiet_days": 0},
        "sentence": "For established you still need 5 completed exchanges."}
    assert data["inactivity"]["next"]["days"] == 30
    assert [(each["event_type"], each["impact"]) for each in data["helps"]] == [
        ("highly_rated_food", "3.00"), ("community_help", "2.50"), ("food_shared", "2.00"),
        ("exchange_completed", "1.50"), ("reliable_pickup", "1.00")]
    assert {each["event_type"] for each in data["kinds"]} == set(rules.RULES)
    assert kind(data, "food_shared") == {
        "event_type": "food_shared", "events": 0, "total": "0.00", "worth": "2.00", "cap": {
            "cap": "10.00", "window": "day", "used": "0.00", "left": "10.00",
            "renews_at": later(days=1).strftime("%Y-%m-%dT00:00:00Z")}}


def test_event_by_event_with_running_scores() -> None:
    user = make_user(created_at=later(days=-100))
    apply_events(user, [event("food_shared", at_noon()) for _ in range(6)] + [event("spam_report", at_noon())])
    data = explained(user)
    assert (data["score"], data["trend"]) == ("80.00", "rising")
    assert [each["new_score"] for each in data["events"]] == [
        "80.00", "85.00", "85.00", "83.00", "81.00", "79.00", "77.00"]
    for newer, older in zip(data["events"], data["events"][1:], strict=False):
        assert newer["previous_score"] == older["new_score"]
    assert "withheld 2.00" in data["events"][1]["why"]


def test_totals_are_of_all_time_and_caps_of_the_present_window() -> None:
    user = make_user(created_at=later(days=-100))
    today = later()
    apply_events(user, [*(event("food_shared", later(days=-40)) for _ in range(3)),
                        event("inactivity_decay", later(days=-9), days=30, since=later(days=-40)),
                        event("food_shared", today)])
    data = explained(user)
    shared = kind(data, "food_shared")
    assert (shared["events"], shared["total"]) == (4, "8.00")
    assert (shared["cap"]["used"], shared["cap"]["left"]) == ("2.00", "8.00")
    decay = kind(data, "inactivity_decay")
    assert (decay["events"], decay["worth"], decay["cap"]) == (1, None, None)


def test_inactivity_counts_from_the_last_activity() -> None:
    user = make_user(created_at=later(days=-100))
    state = apply_events(user, [event("food_shared", at_noon(3))])
    inactivity = explained(user)["inactivity"]
    assert datetime.fromisoformat(inactivity["since"]) == state.last_activity
    assert datetime.fromisoformat(inactivity["next"]["at"]) == state.decay_due_at()


def test_a_memo_that_is_gone_is_made_good_from_the_ledger() -> None:
    user = make_user(created_at=later(days=-100))
    partners = [str(uuid4()) for _ in range(3)]
    apply_events(user, [event("exchange_completed", at_noon(), partner=partner, role="giver") for partner in partners])
    with_memo = explained(user)
    ReputationState.objects.all().delete()
    assert explained(user) == with_memo
    assert with_memo["next_level"]["missing"]["exchanges"] == 2


def test_a_ledger_that_the_rules_cannot_replay_is_said_to_be_one() -> None:
    user = make_user()
    ReputationEvent.objects.create(user=user, event_type="imported", impact_score=1, previous_score=75, new_score=76)
    answer = client_for(user).get(ADDRESS)
    assert answer.status_code == 409
    assert "cannot explain" in answer.json()["errors"][0]["detail"]


def test_only_the_newest_fifty_events() -> None:
    user = make_user(created_at=later(days=-100))
    apply_events(user, many(60))
    data = explained(user)
    assert len(data["events"]) == 50
    assert kind(data, "community_help")["events"] == 60


def many(number: int) -> Iterator[Event]:
    for place in range(number):
        yield event("community_help", later(hours=place - number - 1))


def test_nobody_else_is_named() -> None:
    user, partner = make_user(), make_user()
    apply_events(user, [event("highly_rated_food", at_noon(), partner=str(partner.pk), stars=5, of="food")])
    assert str(partner.pk) not in client_for(user).get(ADDRESS).content.decode()


def test_an_unverified_neighbor_gets_an_explanation_too() -> None:
    assert explained(make_user("neighborhood"))["score"] == "75.00"


def test_whom_another_program_added() -> None:
    stranger = User.objects.create(name="Adopted")
    assert explained(stranger)["level"] == "developing"
    assert UserGlobalReputation.objects.filter(user=stranger).exists()


@pytest.mark.parametrize("number", [0, 60])
def test_constant_queries(number: int) -> None:
    user = make_user()
    apply_events(user, many(number))
    client = client_for(user)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(ADDRESS).status_code == 200
    assert len(captured) == 5  # token, row, what waits, totals, newest events
