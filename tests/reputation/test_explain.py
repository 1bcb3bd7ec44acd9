"""What explains a score, for any history."""

from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reputation import rules
from reputation.explain import caps, helps, missing_for, next_decay, next_level, raw_and_why, window_end
from reputation.rules import LEVELS, RULES, Window
from reputation.scoring import Event, apply, fold, has_evidence
from reputation.state import State
from tests.reputation.test_scoring import JOINED, histories, last_state

few = settings(max_examples=25, deadline=None)
LATER = st.timedeltas(timedelta(0), timedelta(days=300))


def stands(**fields: object) -> State:
    return replace(State(JOINED), **fields)  # type: ignore[arg-type]


def once(state: State, kind: str, at: datetime) -> Decimal:
    """What one event of a kind does to a score."""
    return apply(deepcopy(state), Event(UUID(int=999), kind, at)).impact


@few
@given(histories(), LATER)
def test_what_is_left_of_a_cap_is_what_more_events_of_the_kind_can_do(events: list[Event], since: timedelta) -> None:
    state = last_state(events)
    now = (state.latest or JOINED) + since
    for cap in caps(state, now):
        middle = replace(deepcopy(state), score=Decimal(50), ratings=[])
        for number in range(50):
            apply(middle, Event(UUID(int=1000 + number), cap.kind, now, partner=f"new {number}"))
        assert abs(middle.score - 50) == cap.left
        assert cap.used + cap.left >= cap.rule.cap
        assert once(middle, cap.kind, cap.renews_at - timedelta.resolution) == 0
        assert once(middle, cap.kind, cap.renews_at) == cap.rule.impact


@pytest.mark.parametrize(("window", "at", "end"), [
    (Window.DAY, "2026-02-28 23:59", "2026-03-01"), (Window.WEEK, "2026-03-01 12:00", "2026-03-02"),
    (Window.WEEK, "2026-03-02 00:00", "2026-03-09"), (Window.MONTH, "2026-12-31 00:00", "2027-01-01"),
    (Window.MONTH, "2026-01-01 00:00", "2026-02-01"), (Window.MONTH, "2028-02-29 10:00", "2028-03-01"),
])
def test_a_window_ends_where_the_next_one_begins(window: Window, at: str, end: str) -> None:
    assert window_end(window, utc(at)) == utc(end)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@few
@given(histories(), LATER)
def test_what_helps_does_what_it_says_and_nothing_else_would_help(events: list[Event], since: timedelta) -> None:
    state = last_state(events)
    before, now = deepcopy(state), (state.latest or JOINED) + since
    found = helps(state, now)
    assert state == before
    assert {help.kind: help.impact for help in found} == {
        kind: impact for kind in RULES if (impact := once(state, kind, now)) > 0}
    assert [help.impact for help in found] == sorted((help.impact for help in found), reverse=True)
    assert all(help.score == state.score + help.impact for help in found)


def test_what_its_cap_has_used_up_helps_no_more() -> None:
    full = fold(JOINED, [Event(UUID(int=number), "food_shared", JOINED) for number in range(5)])
    assert "food_shared" not in {help.kind for help in helps(full, JOINED)}
    assert "food_shared" in {help.kind for help in helps(full, JOINED + timedelta(days=1))}


def test_what_helps_tells_the_level_that_it_leads_to() -> None:
    nearly = stands(exchanges=4, score=Decimal("80"))
    assert {help.kind: help.level for help in helps(nearly, JOINED)}["exchange_completed"] == "established"


@few
@given(histories(), LATER, st.sampled_from(LEVELS))
def test_nothing_is_missing_for_a_level_whose_score_and_evidence_are_there(
        events: list[Event], since: timedelta, level: rules.Level) -> None:
    state = last_state(events)
    at = (state.latest or JOINED) + since
    missing = missing_for(level, state, at)
    has_all = not any((missing.score, missing.exchanges, missing.days, missing.partners, missing.quiet_days))
    assert has_all is (state.score >= level.score and has_evidence(state, level, at))


@few
@given(histories(), LATER, st.sampled_from(LEVELS))
def test_after_the_days_that_are_missing_no_day_is_missing(events: list[Event], since: timedelta,
                                                           level: rules.Level) -> None:
    state = last_state(events)
    at = (state.latest or JOINED) + since
    missing = missing_for(level, state, at)
    days = max(missing.days, missing.quiet_days)
    then = missing_for(level, state, at + timedelta(days=days))
    assert (then.days, then.quiet_days) == (0, 0)
    if days:
        day_before = missing_for(level, state, at + timedelta(days=days - 1))
        assert day_before.days + day_before.quiet_days > 0


@pytest.mark.parametrize(("state", "sentence"), [
    (stands(), "For established you still need 5 completed exchanges."),
    (stands(score=Decimal("69.50"), exchanges=4),
     "For established you still need 0.50 points and 1 completed exchange."),
    (stands(exchanges=9), "Nothing is missing for established: it comes with your next event."),
    (stands(level="trusted", score=Decimal("85"), exchanges=50, partners=set("abcdefghi"), last_incident=JOINED),
     "For exemplary you still need 5 points, 1 more different partner, 180 more days on the platform and 91 more days "
     "without an incident."),
    (stands(level="concerning", score=Decimal("45")), "For developing you still need 5 points."),
])
def test_the_next_level_in_words(state: State, sentence: str) -> None:
    found = next_level(state, JOINED)
    assert found is not None
    assert found.sentence == sentence


def test_there_is_no_level_above_the_highest() -> None:
    assert next_level(stands(level="exemplary"), JOINED) is None


@few
@given(histories())
def test_the_next_decay_takes_what_it_says_when_it_says(events: list[Event]) -> None:
    state = last_state(events)
    decay = next_decay(state)
    if decay is None:
        assert state.decayed == max(rules.DECAY)
        return
    assert decay.at == state.decay_due_at()
    event = Event(UUID(int=999), rules.DECAY_EVENT, decay.at, days=decay.days, since=state.active_since)
    assert apply(deepcopy(state), event).impact == decay.impact


@pytest.mark.parametrize(("state", "sentence"), [
    (stands(), "Unless you are active before 2026-01-31: -0.50 after 30 days of inactivity."),
    (stands(decayed=90, score=Decimal("42")),
     "Unless you are active before 2026-06-30: -5.00 after 180 days of inactivity, not below 40."),
])
def test_decay_in_words(state: State, sentence: str) -> None:
    decay = next_decay(state)
    assert decay is not None
    assert decay.sentence == sentence


@pytest.mark.parametrize(("description", "expected"), [
    ('{"raw":"2.00","why":"+2.00"}', ("2.00", "+2.00")), (None, (None, None)), ("", (None, None)),
    ("seeded", (None, "seeded")), ("[1]", (None, "[1]")), ('{"why":"by hand"}', (None, "by hand")),
])
def test_a_description_is_read_whatever_wrote_it(
        description: str | None, expected: tuple[str | None, str | None]) -> None:
    assert raw_and_why(description) == expected
