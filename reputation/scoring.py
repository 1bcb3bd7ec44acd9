"""The arithmetic of reputation: pure functions of events. Nothing here reads a clock or a database.

A person's score is what their events, in the order in which they were applied, fold to. An event that is reversed
counts for nothing: the reversal moves the score to where it would be had the event never happened, with what its cap
withheld from others given back.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from reputation import rules
from reputation.rules import Level, Rule

ZERO = Decimal(0)
Window = tuple[str, date]  # a kind of event, and the first day of one of its windows


@dataclass(frozen=True)
class Event:
    """Something that concerns one person's reputation. `raw` is an adjustment's own impact or a decay's."""

    id: UUID
    type: str
    at: datetime
    partner: UUID | None = None  # the other side of the exchange
    raw: Decimal = ZERO
    reverses: UUID | None = None


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class State:
    """Where a person stands after some events."""

    joined: datetime
    score: Decimal = rules.START
    level: str = rules.START_LEVEL
    used: Mapping[Window, Decimal] = field(default_factory=dict)  # by the windows' events, as added or taken
    exchanges: int = 0
    partners: frozenset[UUID] = frozenset()
    last_incident: datetime | None = None


def clamp(score: Decimal) -> Decimal:
    """The nearest score that there is."""
    return min(max(score, rules.LOWEST), rules.HIGHEST)


def allowed(rule: Rule, used: Decimal) -> Decimal:
    """What of the rule's impact its cap leaves, after `used` in this window."""
    left = max(rule.cap - abs(used), ZERO)
    return min(rule.impact, left) if rule.impact > 0 else max(rule.impact, -left)


def apply(state: State, event: Event) -> tuple[State, Applied]:
    """The state after an event that is no reversal, and what the event did. Raises KeyError for an unknown kind."""
    impact, reason = weigh(state, event)
    score = clamp(state.score + impact)
    if score != state.score + impact:
        reason += f"; the score stays within {rules.LOWEST} and {rules.HIGHEST}"
    after = remember(replace(state, score=score), event, score - state.score)
    after = replace(after, level=level_of(after, event.at))
    return after, Applied(event, state.score, score, after.level, reason)


def weigh(state: State, event: Event) -> tuple[Decimal, str]:
    """What an event would do to the score if scores had no bounds, and why."""
    if event.type == rules.ADJUSTMENT:
        return event.raw, f"{event.raw:+.2f} by a moderator"
    if event.type == rules.DECAY_EVENT:
        return decay(state, event.raw)
    rule = rules.RULES[event.type]
    impact = allowed(rule, state.used.get(window(event), ZERO))
    reason = f"{rule.impact:+.2f}"
    if impact != rule.impact:
        reason += f", of which the cap of {rule.cap} a {rule.window} withheld {abs(rule.impact - impact):.2f}"
    return impact, reason


def decay(state: State, raw: Decimal) -> tuple[Decimal, str]:
    """What inactivity takes: nothing below the floor of the person's level."""
    floor = rules.DECAY_FLOORS.get(state.level, rules.DECAY_FLOOR)
    impact = min(max(raw, floor - state.score), ZERO)
    return impact, f"{raw:+.2f}" + ("" if impact == raw else f", not below {floor}")


def window(event: Event) -> Window:
    return event.type, rules.RULES[event.type].window.first_day(event.at)


def remember(state: State, event: Event, impact: Decimal) -> State:
    """The state with what later events, and the level, ask of this one."""
    if event.type in rules.RULES:
        used = {**state.used, window(event): state.used.get(window(event), ZERO) + impact}
        state = replace(state, used=used)
    if event.type == "exchange_completed":
        partners = state.partners | ({event.partner} if event.partner else set())
        state = replace(state, exchanges=state.exchanges + 1, partners=partners)
    if event.type in rules.INCIDENTS:
        state = replace(state, last_incident=event.at)
    return state


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
        state, _ = apply(state, event)
    return state


def reverse(state: State, history: Sequence[Event], event: Event) -> tuple[State, Applied]:
    """The state after a reversal, and what it did; `history` is every event before it."""
    after = fold(state.joined, standing([*history, event]))
    after = replace(after, level=level_of(after, event.at))
    reason = f"event {event.reverses} counts for nothing, nor does what its cap withheld from others"
    return after, Applied(event, state.score, after.score, after.level, reason)


def replay(joined: datetime, events: Sequence[Event]) -> Iterator[tuple[State, Applied]]:
    """Every step of a person's history: what the ledger must say, row by row."""
    state = State(joined)
    for place, event in enumerate(events):
        if event.reverses is None:
            state, applied = apply(state, event)
        else:
            state, applied = reverse(state, events[:place], event)
        yield state, applied


def trend(score: Decimal, before: Decimal) -> str:
    """Where a score is going, from what it was TREND_DAYS ago."""
    change = score - before
    if abs(change) <= rules.TREND_STEP:
        return "stable"
    return "rising" if change > 0 else "declining"
