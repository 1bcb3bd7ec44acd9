"""The arithmetic of reputation: functions of a person's events alone. Nothing here reads a clock or a database.

A person's score is what their events, in the order in which they were applied, fold to. An event that is reversed
counts for nothing: the reversal moves the score to where it would be had the event never happened, with what its cap
withheld from others given back. Time never runs backwards: an event that comes late counts in the present window.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from reputation import rules
from reputation.rules import Level

ZERO, CENT = Decimal(0), Decimal("0.01")
MOST_PARTNERS = max(level.partners for level in rules.LEVELS)  # more make no difference


@dataclass(frozen=True, slots=True)
class Event:
    """Something that concerns one person's reputation. `raw` is an adjustment's own impact or a decay's."""

    id: UUID
    type: str
    at: datetime
    partner: UUID | None = None  # the other side of the exchange
    raw: Decimal = ZERO
    reverses: UUID | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """What an event did to the score, and why not more."""

    event: Event
    previous: Decimal
    score: Decimal
    level: str
    reason: str

    @property
    def impact(self) -> Decimal:
        return self.score - self.previous


@dataclass(slots=True)
class State:
    """Where a person stands, with what the next event asks of those before it; bounded, however many there were."""

    joined: datetime
    score: Decimal = rules.START
    level: str = rules.START_LEVEL
    latest: datetime | None = None  # of the events so far
    used: dict[str, tuple[date, Decimal]] = field(default_factory=dict)  # by kind: the window, what it added or took
    exchanges: int = 0
    partners: set[UUID] = field(default_factory=set)  # no more than MOST_PARTNERS
    ratings: list[tuple[UUID, datetime]] = field(default_factory=list)  # who rated in the last PAIR_DAYS, and when
    last_incident: datetime | None = None


def clamp(score: Decimal) -> Decimal:
    """The nearest score that there is."""
    return min(max(score, rules.LOWEST), rules.HIGHEST)


def apply(state: State, event: Event) -> Applied:
    """Change the state by an event that is no reversal. Raises KeyError for an unknown kind, and changes nothing."""
    at = state.latest = max(event.at, state.latest or event.at)
    impact, reason = weigh(state, event, at)
    previous, state.score = state.score, clamp(state.score + impact)
    if state.score != previous + impact:
        reason += f"; a score stays within {rules.LOWEST} and {rules.HIGHEST}"
    remember(state, event, at, state.score - previous)
    state.level = level_of(state, at)
    return Applied(event, previous, state.score, state.level, reason)


def weigh(state: State, event: Event, at: datetime) -> tuple[Decimal, str]:
    """What an event does to the score, its bounds aside, and why."""
    if event.type == rules.ADJUSTMENT:
        return event.raw, f"{event.raw:+.2f} by a moderator"
    if event.type == rules.DECAY_EVENT:
        return decay(state, event.raw)
    rule = rules.RULES[event.type]
    weight = pair_weight(state, event, at) if event.type in rules.RATINGS else rules.PAIR_WEIGHTS[0]
    worth = (rule.impact * weight).quantize(CENT, ROUND_HALF_UP)
    left = max(rule.cap - abs(used(state, event.type, at)), ZERO)
    impact = max(min(worth, left), -left)
    reason = f"{worth:+.2f}"
    if weight != 1:
        reason += f", {weight} of {rule.impact:+.2f} as this pair has rated within {rules.PAIR_DAYS} days before"
    if impact != worth:
        reason += f", of which the cap of {rule.cap} a {rule.window} withheld {abs(worth - impact):.2f}"
    return impact, reason


def used(state: State, kind: str, at: datetime) -> Decimal:
    """What events of a kind have added or taken in the window of `at`."""
    first_day, total = state.used.get(kind, (None, ZERO))
    return total if first_day == rules.RULES[kind].window.first_day(at) else ZERO


def pair_weight(state: State, event: Event, at: datetime) -> Decimal:
    """What a rating weighs after the pair's earlier ones."""
    since = at - timedelta(days=rules.PAIR_DAYS)
    before = sum(rater == event.partner and when > since for rater, when in state.ratings)
    return rules.PAIR_WEIGHTS[before] if before < len(rules.PAIR_WEIGHTS) else ZERO


def decay(state: State, raw: Decimal) -> tuple[Decimal, str]:
    """What inactivity takes: nothing below the floor of the person's level."""
    floor = rules.DECAY_FLOORS.get(state.level, rules.DECAY_FLOOR)
    impact = min(max(raw, floor - state.score), ZERO)
    return impact, f"{raw:+.2f}" + ("" if impact == raw else f", not below {floor}")


def remember(state: State, event: Event, at: datetime, impact: Decimal) -> None:
    """Keep what later events, and the level, ask of this one."""
    if event.type in rules.RULES:
        state.used[event.type] = (rules.RULES[event.type].window.first_day(at), used(state, event.type, at) + impact)
    if event.type == "exchange_completed":
        state.exchanges += 1
        if event.partner is not None and len(state.partners) < MOST_PARTNERS:
            state.partners.add(event.partner)
    if event.type in rules.RATINGS and event.partner is not None:
        since = at - timedelta(days=rules.PAIR_DAYS)
        state.ratings = [(rater, when) for rater, when in state.ratings if when > since] + [(event.partner, at)]
    if event.type in rules.INCIDENTS:
        state.last_incident = at


def level_of(state: State, at: datetime) -> str:
    """The highest level whose score and evidence the person has; the present one is kept a little below its score."""
    for level in rules.LEVELS:
        slack = rules.HYSTERESIS if level.name == state.level else ZERO
        if state.score >= level.score - slack and has_evidence(state, level, at):
            return level.name
    return rules.LEVELS[-1].name


def has_evidence(state: State, level: Level, at: datetime) -> bool:
    quiet_since = at - timedelta(days=level.quiet_days)
    return (state.exchanges >= level.exchanges and len(state.partners) >= level.partners
            and at - state.joined >= timedelta(days=level.days)
            and (level.quiet_days == 0 or state.last_incident is None or state.last_incident < quiet_since))


def standing(events: Sequence[Event]) -> list[Event]:
    """The events that count: no reversal, and none that is reversed, unless its reversal is reversed in turn."""
    undone: set[UUID] = set()
    for event in reversed(events):
        if event.reverses is not None and event.id not in undone:
            undone.add(event.reverses)
    return [event for event in events if event.reverses is None and event.id not in undone]


def fold(joined: datetime, events: Iterable[Event]) -> State:
    """Where a person stands after events that all count."""
    state = State(joined)
    for event in events:
        apply(state, event)
    return state


def reverse(state: State, history: Sequence[Event], event: Event) -> tuple[State, Applied]:
    """The state after a reversal, and what the reversal did; `history` is every event before it."""
    after = fold(state.joined, standing([*history, event]))
    after.latest = at = max(event.at, state.latest or event.at)
    after.level = level_of(after, at)
    reason = f"event {event.reverses} counts for nothing, nor does what its cap withheld from others"
    return after, Applied(event, state.score, after.score, after.level, reason)


def replay(joined: datetime, events: Sequence[Event]) -> Iterator[tuple[State, Applied]]:
    """Every step of a person's history, with the state after it: what the ledger must say, row by row.

    The state changes with the next step.
    """
    state = State(joined)
    for place, event in enumerate(events):
        if event.reverses is None:
            applied = apply(state, event)
        else:
            state, applied = reverse(state, events[:place], event)
        yield state, applied


def trend(score: Decimal, before: Decimal) -> str:
    """Where a score is going, from what it was TREND_DAYS ago."""
    change = score - before
    if abs(change) <= rules.TREND_STEP:
        return "stable"
    return "rising" if change > 0 else "declining"
