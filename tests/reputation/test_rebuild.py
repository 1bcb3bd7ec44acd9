"""What is kept of the ledger is compared with a replay of it, and repaired."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from foodshare.models import User
from reputation import rules
from reputation.models import ReputationEvent, ReputationState, UserGlobalReputation
from reputation.rebuild import Slice, rebuild, spread
from reputation.scoring import Event
from tests.factories import make_group, make_user
from tests.reputation.ledgers import apply_events

pytestmark = pytest.mark.django_db(transaction=True)
JOINED = datetime(2026, 1, 1, tzinfo=UTC)
Run = tuple[int, dict[str, Any]]
LIVE_FIELDS = {  # and what ada's row does not hold
    "overall_score": "12", "trust_level": "'trusted'", "total_food_shared": "7", "total_food_claimed": "NULL",
    "total_exchanges_completed": "9", "total_groups_participated": "9", "avg_food_rating": "4.99",
    "avg_recipient_rating": "4.99", "reliability_score": "1", "reported_incidents": "0", "resolved_disputes": "1",
    "community_contributions": "1", "account_age_days": "9", "last_activity": "last_activity + interval '1 us'",
    "reputation_updated_at": "now()", "peak_reputation": "99", "reputation_trend": "'falling'",
    "last_stream_event_id": "gen_random_uuid()"}


@pytest.fixture
def ada() -> Iterator[User]:
    """A person with events of most kinds; others have few, or none."""
    group = str(make_group().pk)
    ada, bea = make_user(created_at=JOINED), make_user(created_at=JOINED)
    make_user()
    apply_events(bea, [Event(uuid4(), "food_shared", JOINED)])
    shared = Event(uuid4(), "food_shared", JOINED + timedelta(days=1), group=group)
    apply_events(ada, [
        shared, Event(uuid4(), "exchange_completed", JOINED + timedelta(days=2), partner=str(uuid4()), group=group),
        Event(uuid4(), "highly_rated_food", JOINED + timedelta(days=3), partner=str(uuid4()), stars=5, of="food"),
        Event(uuid4(), "safety_violation", JOINED + timedelta(days=4)),
        Event(uuid4(), rules.REVERSAL, JOINED + timedelta(days=5), reverses=shared.id)])
    yield ada
    connections["default"].close()


def run(capsys: pytest.CaptureFixture[str], *options: str) -> Run:
    """The command's exit code and its answer."""
    capsys.readouterr()
    code = 0
    try:
        call_command("rebuild_reputation", "--json", *options)
    except SystemExit as exited:
        code = int(exited.code or 0)
    return code, json.loads(capsys.readouterr().out)


def damage(table: str, user: User, change: str) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {change} WHERE user_id = %s", [user.pk])


def test_all_is_as_the_ledger_says(ada: User, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = run(capsys, "--check")
    assert (code, told["ok"], told["events"], told["differences"]) == (0, True, 6, [])
    assert told["people"] == User.objects.count()


def test_every_field_of_a_live_row_that_differs_is_found_and_repaired(ada: User,
                                                                      capsys: pytest.CaptureFixture[str]) -> None:
    before = UserGlobalReputation.objects.filter(pk=ada.pk).values().get()
    for field, wrong in LIVE_FIELDS.items():
        damage("user_global_reputation", ada, f"{field} = {wrong}")
        code, told = run(capsys, "--check")
        [difference] = told["differences"]
        assert (code, told["totals"], told["repaired"]) == (1, {"live rows": 1}, 0)
        assert (difference["row"], list(difference["fields"])) == (f"person {ada.pk}", [field])
        assert run(capsys)[0] == 0
        assert UserGlobalReputation.objects.filter(pk=ada.pk).values().get() == before


def test_a_memo_that_differs_is_found_and_repaired(ada: User, capsys: pytest.CaptureFixture[str]) -> None:
    before = ReputationState.objects.filter(pk=ada.pk).values().get()
    for change in ("state = jsonb_set(state, '{exchanges}', '2')", "state = state - 'groups'", "state = '[]'",
                   "state = state || '{\"more\": 1}'", "decay_due_at = NULL"):
        damage("reputation_states", ada, change)
        code, told = run(capsys, "--check")
        assert (code, told["totals"]) == (1, {"memos": 1})
        assert run(capsys)[1]["repaired"] == 1
        assert ReputationState.objects.filter(pk=ada.pk).values().get() == before


def test_a_missing_memo_is_no_difference(ada: User, capsys: pytest.CaptureFixture[str]) -> None:
    ReputationState.objects.all().delete()
    assert run(capsys, "--check")[0] == 0


def test_missing_rows_of_who_has_events_are_made(ada: User, capsys: pytest.CaptureFixture[str]) -> None:
    make_user()  # nothing is missing of who has none
    kept = [*UserGlobalReputation.objects.filter(last_stream_event_id__isnull=False).order_by("pk").values()]
    UserGlobalReputation.objects.all().delete()
    ReputationState.objects.all().delete()
    assert run(capsys, "--check")[1]["totals"] == {"live rows": len(kept)}
    assert run(capsys)[0] == 0
    assert run(capsys, "--check")[0] == 0
    assert [*UserGlobalReputation.objects.filter(last_stream_event_id__isnull=False).order_by("pk").values()] == kept


def test_what_a_row_of_the_ledger_says_of_itself_is_compared(ada: User, capsys: pytest.CaptureFixture[str]) -> None:
    event = ReputationEvent.objects.filter(user=ada).earliest("processed_at")
    ReputationEvent.objects.filter(pk=event.pk).update(description=(event.description or "").replace("+2.00", "+9.00"))
    code, found = run(capsys, "--check")
    assert (code, found["totals"]) == (1, {"ledger rows": 1})


def test_a_row_without_events_must_have_the_defaults(ada: User, capsys: pytest.CaptureFixture[str]) -> None:
    damage("user_global_reputation", make_user(), "overall_score = 80")
    assert run(capsys, "--check")[1]["totals"] == {"live rows": 1}
    assert run(capsys)[0] == 0
    assert run(capsys, "--check")[0] == 0


def test_a_ledger_row_that_differs_is_told_and_left(ada: User, capsys: pytest.CaptureFixture[str]) -> None:
    event = ReputationEvent.objects.filter(user=ada).latest("processed_at")
    ReputationEvent.objects.filter(pk=event.pk).update(impact_score=3, previous_score=3, new_score=3)
    for options in (["--check"], []):
        code, told = run(capsys, *options)
        [difference] = told["differences"]
        assert (code, told["totals"], told["repaired"]) == (1, {"ledger rows": 1}, 0)
        assert difference["row"] == f"event {event.pk} of person {ada.pk}"
        assert list(difference["fields"]) == ["impact_score", "previous_score", "new_score"]


def test_a_missing_event_shows_in_all_that_follows(ada: User, capsys: pytest.CaptureFixture[str]) -> None:
    ReputationEvent.objects.filter(user=ada, event_type="exchange_completed").delete()
    code, told = run(capsys, "--check")
    assert (code, told["totals"]) == (1, {"ledger rows": 3, "live rows": 1, "memos": 1})


def test_an_event_that_no_rule_knows_is_told_and_its_person_left(ada: User, capsys: pytest.CaptureFixture[str]) -> None:
    event = ReputationEvent.objects.filter(user=ada).latest("processed_at")
    ReputationEvent.objects.filter(pk=event.pk).update(event_type="washed_up")
    for options in (["--check"], []):
        code, told = run(capsys, *options)
        assert (code, told["totals"], told["repaired"]) == (1, {"events that cannot be applied": 1}, 0)
        assert f"event {event.pk}: washed_up" in str(told["differences"])


def test_one_person_can_be_looked_at_alone(ada: User, capsys: pytest.CaptureFixture[str]) -> None:
    other = make_user()
    for user in (ada, other):
        damage("user_global_reputation", user, "overall_score = 80")
    code, told = run(capsys, "--user", str(ada.pk))
    assert (code, told["people"], told["events"], told["repaired"]) == (0, 1, 5, 1)
    assert UserGlobalReputation.objects.get(pk=other.pk).overall_score == 80
    assert run(capsys, "--check", "--user", str(other.pk))[0] == 1


def test_an_unknown_person_is_refused_in_words() -> None:
    with pytest.raises(CommandError, match="no such person") as refused:
        call_command("rebuild_reputation", user=UUID(int=5))
    assert refused.value.returncode == 2


def test_a_person_reads_what_differs(ada: User, capsys: pytest.CaptureFixture[str]) -> None:
    damage("user_global_reputation", ada, "overall_score = 12")
    with pytest.raises(SystemExit):
        call_command("rebuild_reputation", "--check")
    told = capsys.readouterr().out
    assert f"live rows: person {ada.pk}: overall_score is 12.00, the replay says " in told
    assert "6 events of" in told
    assert "differences: 1 live rows; people repaired: 0" in told


@pytest.mark.slow
def test_several_processes_find_what_one_finds(ada: User) -> None:
    damage("user_global_reputation", ada, "overall_score = 12")
    middle = UUID(int=2**127)
    halves = [Slice(UUID(int=0), middle), Slice(middle, None)]
    found = [*spread(halves, True, 2)]
    assert sum(half.people for half in found) == User.objects.count()
    assert [str(difference) for half in found for difference in half.differences] == [
        str(difference) for difference in rebuild(lambda *_: None, check=True, processes=1).differences]
