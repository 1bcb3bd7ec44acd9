"""Inactivity takes its steps, each once, whatever happens between."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from foodshare.models import OutboxEvent, User
from reputation import rules
from reputation.decay import Decayed, decay
from reputation.models import ReputationEvent, ReputationState, UserGlobalReputation
from reputation.scoring import Event
from reputation.tasks import decay_reputation
from tests.factories import later, make_user
from tests.reputation.ledgers import apply_events, apply_outbox

pytestmark = pytest.mark.django_db
JOINED = datetime(2026, 1, 1, tzinfo=UTC)


class Killed(Exception):
    pass


def day(number: float) -> datetime:
    return JOINED + timedelta(days=number)


def make_person(*events: Event, **fields: object) -> User:
    """A person who came on day 0, and shared food on day 1, or who had these events."""
    user = make_user(**{"created_at": JOINED, **fields})  # type: ignore[arg-type]
    apply_events(user, events or [Event(uuid4(), "food_shared", day(1))])
    return user


def waiting(user: User) -> list[int]:
    """The days that events in the outbox are for, in their order."""
    return [row.payload["days"] for row in OutboxEvent.objects.filter(user=user).order_by("id")]


def test_a_step_is_appended_when_it_is_due_and_not_before() -> None:
    ada = make_person()
    assert decay(day(30.9)) == Decayed()
    assert decay(day(31)) == Decayed(events=1, people=1)
    row = OutboxEvent.objects.get(user=ada)
    assert (row.topic, row.event_type, row.created_at) == ("reputation.events", "inactivity_decay", day(31))
    assert row.payload == {"days": 30, "since": day(1).isoformat()}


def test_each_step_takes_what_the_rules_say_and_the_last_one_ends_it() -> None:
    ada, scores = make_person(), []
    for days in (30, 60, 90, 180):
        assert decay(day(1 + days)).events == 1
        scores.append(apply_outbox(ada).score)
    assert scores == [Decimal("76.50"), Decimal("75.50"), Decimal("73.50"), Decimal("68.50")]
    assert decay(day(2000)).events == 0
    assert ReputationState.objects.get(pk=ada.pk).decay_due_at is None


def test_steps_that_are_due_together_come_in_their_order() -> None:
    ada = make_person()
    assert decay(day(92)) == Decayed(events=3, people=1)
    assert waiting(ada) == [30, 60, 90]
    assert apply_outbox(ada).score == Decimal("73.50")


def test_twice_adds_nothing_before_and_after_the_events_were_applied() -> None:
    ada = make_person()
    assert decay(day(92)).events == 3
    assert decay(day(93)) == Decayed()
    memo = ReputationState.objects.filter(pk=ada.pk).values().get()
    apply_outbox(ada)
    ReputationState.objects.filter(pk=ada.pk).update(**memo)  # a memo that is behind makes no difference
    assert decay(day(93)) == Decayed()


def test_a_run_that_was_killed_is_completed_by_the_next() -> None:
    people = [make_person() for _ in range(5)]

    def kill(number: int) -> None:
        raise Killed

    with pytest.raises(Killed):
        decay(day(62), between=kill, batch=2)
    assert OutboxEvent.objects.count() == 4
    assert decay(day(62), batch=2) == Decayed(events=6, people=3)
    assert [waiting(user) for user in people] == [[30, 60]] * 5


def test_who_becomes_active_before_the_event_is_applied_loses_nothing() -> None:
    ada = make_person()
    decay(day(31))
    before = apply_events(ada, [Event(uuid4(), "community_help", day(31))]).score
    assert apply_outbox(ada).score == before
    assert decay(day(60)).events == 0
    assert decay(day(61)).events == 1


@pytest.mark.parametrize(("score", "evidence", "left"), [
    ("40.30", {}, "40.00"), ("39.00", {}, "39.00"), ("80.20", {"exchanges": 20}, "71.70")])
def test_nobody_falls_below_a_floor_and_nobody_rises(score: str, evidence: dict[str, object], left: str) -> None:
    carried = {"score": score, "last_activity": JOINED.isoformat()} | evidence
    ada = make_person(Event(uuid4(), rules.OPENING, JOINED, carried=carried), created_at=day(-100))
    decay(day(400))
    assert apply_outbox(ada).score == Decimal(left)


def test_who_has_no_memo_gets_one_and_what_is_due() -> None:
    ada, bea = make_person(), make_user(created_at=JOINED)
    UserGlobalReputation.objects.filter(pk=bea.pk).update(last_activity=JOINED)
    ReputationState.objects.all().delete()
    assert decay(day(40)) == Decayed(memos=2, events=2, people=2)
    assert ReputationState.objects.get(pk=ada.pk).decay_due_at == day(31)
    assert [waiting(ada), waiting(bea)] == [[30], [30]]


def test_suspended_people_are_left_out() -> None:
    make_person(is_active=False)
    ReputationState.objects.filter(pk=make_person(is_active=False).pk).delete()
    assert decay(day(400)) == Decayed()


def test_a_ledger_that_cannot_be_replayed_holds_up_nobody_else(caplog: pytest.LogCaptureFixture) -> None:
    people = [make_person() for _ in range(3)]
    ReputationEvent.objects.filter(user=people[1]).update(event_type="washed_up")
    ReputationState.objects.all().delete()
    assert decay(day(40)) == Decayed(memos=2, events=2, people=2)
    assert f"person {people[1].pk}: event" in caplog.text


def test_the_nightly_job_decays_by_the_clock() -> None:
    make_person(created_at=later(days=-100))
    apply_events(make_user(created_at=later(days=-50)), [Event(uuid4(), "food_shared", later(days=-40))])
    assert decay_reputation(0) == 5


def test_the_command_counts_what_would_be_due_and_appends_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    make_person()
    ReputationState.objects.filter(pk=make_person().pk).delete()
    call_command("decay_reputation", at=day(62), dry_run=True, json=True)
    told = json.loads(capsys.readouterr().out)
    assert told == {"at": day(62).isoformat(), "dry_run": True, "memos": 1, "events": 4, "people": 2}
    assert (OutboxEvent.objects.count(), ReputationState.objects.count()) == (0, 1)
    call_command("decay_reputation", at=day(62))
    assert "4 events appended, for 2 people; 1 memos made" in capsys.readouterr().out


@pytest.mark.parametrize(("at", "said"), [("2999-01-01", "in the future.*--dry-run"), ("soon", "no time such as")])
def test_nonsense_is_refused_in_words(at: str, said: str) -> None:
    with pytest.raises(CommandError, match=said) as refused:
        call_command("decay_reputation", "--at", at)
    assert refused.value.returncode in (1, 2)


def test_who_was_there_before_the_ledger_is_inactive_since_their_row_was_made() -> None:
    adopted = make_user(created_at=JOINED - timedelta(days=900))
    UserGlobalReputation.objects.filter(pk=adopted.pk).update(last_activity=JOINED)
    assert decay(day(29)).events == 0
    assert decay(day(31)).events == 1
    assert decay(day(31)).events == 0  # it waits
    state = apply_outbox(adopted)
    assert (state.score, state.active_since) == (Decimal("75.00"), JOINED)
    assert decay(day(32)).events == 1
    assert apply_outbox(adopted).score == Decimal("74.50")
