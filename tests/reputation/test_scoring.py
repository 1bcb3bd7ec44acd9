"""The arithmetic of reputation holds for any history."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reputation import rules
from reputation.models import UserGlobalReputation
from reputation.rules import RULES, Window
from reputation.scoring import Applied, Event, apply, fold, level_of, replay, standing
from reputation.state import State, dump, load

JOINED = datetime(2026, 1, 1, tzinfo=UTC)
KINDS = sorted(RULES)
GROUPS = st.sampled_from([None, "a", "b"])


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Events of one person in their order, minutes to weeks apart; some undo an earlier one."""
    events: list[Event] = []
    at = JOINED
    for number in range(draw(st.integers(0, 60))):
        at += timedelta(minutes=draw(st.sampled_from([0, 1, 30, 600, 1440, 20_000])))
        kind = draw(st.sampled_from([*KINDS, rules.ADJUSTMENT, rules.DECAY_EVENT, rules.REVERSAL]))
        reverses, raw, days, since, stars = None, Decimal(0), 0, None, None
        if kind == rules.REVERSAL:
            open_events = [event.id for event in events]
            if not open_events:
                continue
            reverses = draw(st.sampled_from(open_events))
        elif kind == rules.ADJUSTMENT:
            raw = Decimal(draw(st.integers(-3000, 3000))) / 100
        elif kind == rules.DECAY_EVENT:
            days = draw(st.sampled_from(sorted(rules.DECAY)))
            active = [event.at for event in events if event.type in rules.ACTIVITIES]
            since = draw(st.sampled_from([JOINED, *active[-2:]]))
        elif kind in rules.RATINGS:
            stars = draw(st.integers(1, 5))
        events.append(Event(
            UUID(int=number + 1), kind, at, partner=str(draw(st.integers(1, 12))), group=draw(GROUPS), stars=stars,
            role=draw(st.sampled_from(["giver", "recipient"])), of="food", raw=raw, days=days, since=since,
            reverses=reverses))
    return events


def steps(events: list[Event]) -> list[Applied]:
    return [applied for _, applied in replay(JOINED, events)]


def last_state(events: list[Event]) -> State:
    state = State(JOINED)
    for state, _ in replay(JOINED, events):  # noqa: B007 - the last one is wanted
        pass
    return state


def facts(state: State) -> dict[str, Any]:
    """All but what depends on when the last event was, be it one that undoes another."""
    parts = asdict(state)
    for name in ("latest", "level", "closings"):
        del parts[name]
    return parts


@given(histories())
def test_a_score_stays_within_its_column_and_every_step_follows_the_one_before(events: list[Event]) -> None:
    previous = rules.START
    for applied in steps(events):
        assert applied.previous == previous
        assert Decimal(0) <= applied.score <= Decimal("99.99")
        assert applied.score == applied.score.quantize(Decimal("0.01"))
        previous = applied.score


@given(histories())
def test_no_window_gives_or_takes_more_than_its_cap(events: list[Event]) -> None:
    sums: dict[tuple[str, date], Decimal] = defaultdict(Decimal)
    for _, applied in replay(JOINED, standing(events)):
        if rule := RULES.get(applied.event.type):
            sums[applied.event.type, rule.window.first_day(applied.event.at)] += applied.impact
    for (kind, _), total in sums.items():
        assert abs(total) <= RULES[kind].cap
        assert total == 0 or (total > 0) == (RULES[kind].impact > 0)


@given(histories())
def test_a_history_with_reversals_ends_where_the_standing_events_alone_do(events: list[Event]) -> None:
    assert facts(last_state(events)) == facts(fold(JOINED, standing(events)))


@given(histories(), st.integers(0, 60))
def test_reversing_an_event_is_as_if_it_had_never_happened(events: list[Event], place: int) -> None:
    events = standing(events)
    if not events:
        return
    gone = events[place % len(events)]
    reversal = Event(UUID(int=10_000), rules.REVERSAL, events[-1].at, reverses=gone.id)
    assert facts(last_state([*events, reversal])) == facts(last_state([each for each in events if each is not gone]))
    again = Event(UUID(int=10_001), rules.REVERSAL, events[-1].at, reverses=reversal.id)
    assert facts(last_state([*events, reversal, again])) == facts(last_state(events))


@given(histories())
def test_a_state_is_the_same_after_it_was_kept(events: list[Event]) -> None:
    state = last_state(events)
    assert load(orjson.loads(dump(state))) == state


@given(histories())
def test_a_state_that_was_kept_between_two_events_goes_on_as_one_that_was_not(events: list[Event]) -> None:
    kept = State(JOINED)
    for event in standing(events):
        kept = load(orjson.loads(dump(kept)))
        apply(kept, event)
    assert kept == fold(JOINED, standing(events))


@given(histories())
def test_decay_never_takes_a_score_below_its_floor_and_never_adds(events: list[Event]) -> None:
    level = rules.START_LEVEL
    for applied in steps(events):
        if applied.event.type == rules.DECAY_EVENT:
            floor = rules.DECAY_FLOORS.get(level, rules.DECAY_FLOOR)
            assert applied.impact <= 0
            assert applied.score >= min(floor, applied.previous)
        level = applied.level


def of_kind(kind: str, count: int, at: datetime = JOINED) -> Iterator[Event]:
    for number in range(count):
        yield Event(UUID(int=number + 1), kind, at, partner=str(number), stars=5 if kind in rules.RATINGS else None)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_adds_its_impact_up_to_its_cap(kind: str) -> None:
    rule = RULES[kind]
    state = State(JOINED, score=Decimal("50.00"))
    for number, event in enumerate(of_kind(kind, 20), 1):
        apply(state, event)
        whole = min(abs(rule.impact) * number, rule.cap)
        assert state.score - Decimal(50) == whole.copy_sign(rule.impact)


def test_a_new_window_begins_with_its_cap_whole() -> None:
    full = fold(JOINED, of_kind("food_shared", 9))
    assert full.score == Decimal("85.00")
    same_day = apply(full, Event(UUID(int=90), "food_shared", JOINED + timedelta(hours=23)))
    next_day = apply(full, Event(UUID(int=91), "food_shared", JOINED + timedelta(hours=24)))
    assert [same_day.impact, next_day.impact] == [Decimal(0), Decimal(2)]


def test_undoing_one_gives_back_what_the_cap_withheld() -> None:
    shared = list(of_kind("food_shared", 6))  # five fill the day's cap
    reversal = Event(UUID(int=100), rules.REVERSAL, JOINED, reverses=shared[0].id)
    applied = steps([*shared, reversal])
    assert applied[5].impact == 0
    assert "the cap of 10 a day withheld 2.00" in applied[5].reason
    assert applied[6].impact == 0  # five others stand, and fill it


@pytest.mark.parametrize(("day", "window", "first"), [
    ("2026-11-22", Window.DAY, "2026-11-22"), ("2026-11-22", Window.WEEK, "2026-11-16"),
    ("2026-11-22", Window.MONTH, "2026-11-01"), ("2027-01-01", Window.WEEK, "2026-12-28"),
])
def test_windows_are_those_of_the_calendar_in_utc(day: str, window: Window, first: str) -> None:
    assert window.first_day(datetime.fromisoformat(f"{day}T23:59:59+00:00")).isoformat() == first


def test_an_event_that_comes_late_counts_in_the_present_window() -> None:
    state = fold(JOINED, [Event(UUID(int=50), "food_shared", JOINED + timedelta(days=1))])
    for event in of_kind("food_shared", 5):
        apply(state, event)
    assert state.score == Decimal("85.00")


def test_ratings_of_one_pair_weigh_less_and_less_within_ninety_days() -> None:
    state = State(JOINED, score=Decimal("50.00"))
    for day, impact in ((0, "3.00"), (10, "1.50"), (20, "0.75"), (30, "0.00"), (91, "0.00"), (125, "1.50")):
        event = Event(UUID(int=day + 1), "highly_rated_food", JOINED + timedelta(days=day), partner="7", stars=5)
        assert apply(state, event).impact == Decimal(impact), day
    stranger = Event(UUID(int=500), "poor_food_rating", JOINED + timedelta(days=126), partner="8", stars=1)
    assert apply(state, stranger).impact == Decimal("-2.50")


def person(score: str, level: str = "developing", exchanges: int = 0, partners: int = 0,
           incident: datetime | None = None) -> State:
    return State(JOINED, Decimal(score), level, exchanges=exchanges, partners={str(n) for n in range(partners)},
                 last_incident=incident)


@pytest.mark.parametrize(("state", "days", "level"), [
    (person("75.00"), 0, "developing"),
    (person("75.00", exchanges=4), 400, "developing"),
    (person("75.00", exchanges=5), 0, "established"),
    (person("69.99", exchanges=5), 0, "developing"),
    (person("80.00", exchanges=20), 59, "established"),
    (person("80.00", exchanges=20), 60, "trusted"),
    (person("99.99", exchanges=50, partners=10), 179, "trusted"),
    (person("99.99", exchanges=50, partners=10), 180, "exemplary"),
    (person("99.99", exchanges=50, partners=9), 180, "trusted"),
    (person("99.99", exchanges=50, partners=10, incident=JOINED + timedelta(days=110)), 180, "trusted"),
    (person("99.99", exchanges=50, partners=10, incident=JOINED + timedelta(days=80)), 180, "exemplary"),
    (person("49.99"), 0, "developing"),
    (person("47.99"), 0, "concerning"),
    (person("49.99", "concerning"), 0, "concerning"),
    (person("78.00", "trusted", exchanges=20), 60, "trusted"),
    (person("77.99", "trusted", exchanges=20), 60, "established"),
    (person("79.00", "established", exchanges=20), 60, "established"),
    (person("78.50", "exemplary", exchanges=50, partners=10), 180, "trusted"),
    (person("68.50", "exemplary", exchanges=50, partners=10), 180, "established"),
])
def test_a_level_needs_score_and_evidence_and_is_kept_two_points_below(state: State, days: int, level: str) -> None:
    assert level_of(state, JOINED + timedelta(days=days)) == level


@pytest.mark.parametrize(("raw", "days", "expected"), [
    ("1.00", 0, "stable"), ("1.01", 0, "rising"), ("-1.01", 0, "declining"), ("1.01", 29, "rising"),
    ("1.01", 30, "stable"),
])
def test_a_trend_is_a_change_of_more_than_one_in_thirty_days(raw: str, days: int, expected: str) -> None:
    state = fold(JOINED, [Event(UUID(int=1), rules.ADJUSTMENT, JOINED + timedelta(days=50), raw=Decimal(raw))])
    assert state.trend(JOINED + timedelta(days=50 + days)) == expected


def test_the_days_whose_scores_are_kept_are_those_that_a_trend_asks_for() -> None:
    state = State(JOINED)
    for day in range(100):
        apply(state, Event(UUID(int=day), rules.ADJUSTMENT, JOINED + timedelta(days=day), raw=Decimal("0.10")))
        assert len(state.closings) <= rules.TREND_DAYS + 1
    assert state.score_before(JOINED + timedelta(days=99)) == Decimal("82.00")


def decay(days: int, since: datetime = JOINED) -> Event:
    return Event(UUID(int=days), rules.DECAY_EVENT, since + timedelta(days=days), days=days, since=since)


def test_inactivity_takes_each_step_once_until_the_person_is_active_again() -> None:
    state = State(JOINED)
    impacts = [apply(state, decay(days)).impact for days in (30, 30, 60, 90, 180)]
    assert impacts == [Decimal("-0.5"), Decimal(0), Decimal(-1), Decimal(-2), Decimal(-5)]
    assert state.decay_due_at() is None
    back = JOINED + timedelta(days=200)
    apply(state, Event(UUID(int=500), "food_shared", back))
    assert apply(state, decay(180)).impact == 0  # of before the person came back
    assert state.decay_due_at() == back + timedelta(days=30)
    assert apply(state, decay(30, back)).impact == Decimal("-0.5")


@pytest.mark.parametrize(("level", "score", "after"), [
    ("developing", "41.00", "40.00"), ("developing", "39.00", "39.00"), ("trusted", "61.00", "60.00"),
    ("trusted", "59.00", "59.00"),
])
def test_inactivity_takes_nothing_below_the_floor_of_the_level(level: str, score: str, after: str) -> None:
    state = State(JOINED, Decimal(score), level)
    apply(state, decay(180))
    assert state.score == Decimal(after)


def test_statistics_count_what_they_are_named_for() -> None:
    at, partner = JOINED + timedelta(days=3), "9"
    events = [
        Event(UUID(int=1), "food_shared", at, group="a"),
        Event(UUID(int=2), "exchange_completed", at, partner, "a", "giver"),
        Event(UUID(int=3), "exchange_completed", at, partner, "b", "recipient"),
        Event(UUID(int=4), "exchange_cancelled", at, partner, "b", "recipient"),
        Event(UUID(int=5), "highly_rated_food", at, partner, "a", stars=5, of="food"),
        Event(UUID(int=6), "exchange_rated", at, partner, "a", stars=4, of="food"),
        Event(UUID(int=7), "exchange_rated", at, partner, "b", stars=3, of="recipient"),
        Event(UUID(int=8), "spam_report", at), Event(UUID(int=9), "exchange_resolved", at),
        Event(UUID(int=10), "community_help", at),
    ]
    assert fold(JOINED, events).columns() == {
        "overall_score": Decimal("79.50"), "trust_level": "developing", "total_food_shared": 1,
        "total_food_claimed": 1, "total_exchanges_completed": 2, "total_groups_participated": 2,
        "avg_food_rating": Decimal("4.50"), "avg_recipient_rating": Decimal("3.00"),
        "reliability_score": Decimal("70.83"), "reported_incidents": 1, "resolved_disputes": 1,
        "community_contributions": 1, "account_age_days": 3, "last_activity": at,
        "peak_reputation": Decimal("82.00"), "reputation_trend": "rising",
    }


def test_a_person_without_events_has_the_row_that_document_a_gives() -> None:
    columns = State(JOINED).columns()
    row = UserGlobalReputation()
    assert {name: getattr(row, name) for name in columns if name != "last_activity"} == {
        name: value for name, value in columns.items() if name != "last_activity"}


def test_an_opening_balance_is_where_a_person_begins() -> None:
    carried = {"score": "91.25", "exchanges": 60, "claimed": 20, "partners": [str(n) for n in range(12)],
               "groups": ["a"], "food": [4, 18], "last_activity": "2026-06-01T00:00:00+00:00"}
    state = fold(JOINED, [Event(UUID(int=1), rules.OPENING, JOINED + timedelta(days=200), carried=carried)])
    assert (state.score, state.level, state.trend(state.latest or JOINED)) == (Decimal("91.25"), "exemplary", "stable")
    assert (state.columns()["avg_food_rating"], state.columns()["total_food_claimed"]) == (Decimal("4.50"), 20)
    assert len(state.partners) == 10


def test_an_unknown_kind_is_an_error_and_changes_nothing() -> None:
    state = State(JOINED)
    with pytest.raises(KeyError):
        apply(state, Event(UUID(int=1), "bribery", JOINED, group="a"))
    assert state == State(JOINED)
