"""The arithmetic of reputation holds for any history."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reputation import rules
from reputation.rules import RULES, Window
from reputation.scoring import Applied, Event, State, apply, fold, level_of, replay, standing, trend

JOINED = datetime(2026, 1, 1, tzinfo=UTC)
KINDS = sorted(RULES)


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Events of one person in their order, minutes to weeks apart; some undo an earlier one."""
    events: list[Event] = []
    at = JOINED
    for number in range(draw(st.integers(0, 60))):
        at += timedelta(minutes=draw(st.sampled_from([0, 1, 30, 600, 1440, 20_000])))
        kind = draw(st.sampled_from([*KINDS, rules.ADJUSTMENT, rules.DECAY_EVENT, rules.REVERSAL]))
        reverses, raw = None, Decimal(0)
        if kind == rules.REVERSAL:
            open_events = [event.id for event in events]
            if not open_events:
                continue
            reverses = draw(st.sampled_from(open_events))
        elif kind == rules.ADJUSTMENT:
            raw = Decimal(draw(st.integers(-3000, 3000))) / 100
        elif kind == rules.DECAY_EVENT:
            raw = draw(st.sampled_from(sorted(rules.DECAY.values())))
        partner = UUID(int=draw(st.integers(1, 12)))
        events.append(Event(UUID(int=number + 1), kind, at, partner, raw, reverses))
    return events


def steps(events: list[Event]) -> list[Applied]:
    return [applied for _, applied in replay(JOINED, events)]


def last_state(events: list[Event]) -> State:
    state = State(JOINED)
    for state, _ in replay(JOINED, events):  # noqa: B007 - the last one is wanted
        pass
    return state


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
    assert last_state(events).score == fold(JOINED, standing(events)).score


@given(histories(), st.integers(0, 60))
def test_reversing_an_event_is_as_if_it_had_never_happened(events: list[Event], place: int) -> None:
    events = standing(events)
    if not events:
        return
    gone = events[place % len(events)]
    reversal = Event(UUID(int=10_000), rules.REVERSAL, events[-1].at, reverses=gone.id)
    never = last_state([event for event in events if event is not gone])
    after = last_state([*events, reversal])
    assert after.score == never.score
    assert (after.used, after.ratings, after.exchanges) == (never.used, never.ratings, never.exchanges)
    again = Event(UUID(int=10_001), rules.REVERSAL, events[-1].at, reverses=reversal.id)
    assert last_state([*events, reversal, again]).score == last_state(events).score


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
        yield Event(UUID(int=number + 1), kind, at, UUID(int=number + 1))


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
    state, partner = State(JOINED, score=Decimal("50.00")), UUID(int=7)
    for day, impact in ((0, "3.00"), (10, "1.50"), (20, "0.75"), (30, "0.00"), (91, "0.00"), (125, "1.50")):
        event = Event(UUID(int=day + 1), "highly_rated_food", JOINED + timedelta(days=day), partner)
        assert apply(state, event).impact == Decimal(impact), day
    stranger = Event(UUID(int=500), "poor_food_rating", JOINED + timedelta(days=126), UUID(int=8))
    assert apply(state, stranger).impact == Decimal("-2.50")


def person(score: str, level: str = "developing", exchanges: int = 0, partners: int = 0,
           incident: datetime | None = None) -> State:
    return State(JOINED, Decimal(score), level, exchanges=exchanges, partners={UUID(int=n) for n in range(partners)},
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
])
def test_a_level_needs_score_and_evidence_and_is_kept_two_points_below(state: State, days: int, level: str) -> None:
    assert level_of(state, JOINED + timedelta(days=days)) == level


@pytest.mark.parametrize(("score", "before", "expected"), [
    ("75.00", "74.00", "stable"), ("75.00", "73.99", "rising"), ("75.00", "76.01", "declining"),
])
def test_a_trend_is_a_change_of_more_than_one(score: str, before: str, expected: str) -> None:
    assert trend(Decimal(score), Decimal(before)) == expected


def test_an_unknown_kind_is_an_error() -> None:
    with pytest.raises(KeyError):
        apply(State(JOINED), Event(UUID(int=1), "bribery", JOINED))
