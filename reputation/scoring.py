"""The arithmetic of reputation: functions of a person's events alone. Nothing here reads a clock or a database.

A person's score is what their events, in the order in which they were applied, fold to. An event that is reversed
counts for nothing: the reversal moves the score to where it would be had the event never happened, with what its cap
withheld from others given back. Time never runs backwards: an event that comes late counts in the present window.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from reputation import rules
from reputation.rules import Level
from reputation.state import CENT, MOST_PARTNERS, ZERO, Stars, State, moment

PAIR_PERIOD = timedelta(days=rules.PAIR_DAYS)
TREND_PERIOD = timedelta(days=rules.TREND_DAYS)
WHOLE = rules.PAIR_WEIGHTS[0]
PLAIN_REASONS = {kind: f"{rule.impact:+.2f}" for kind, rule in rules.RULES.items()}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that concerns one person's reputation; people and groups are ids as text."""

    id: UUID
    type: str
    at: datetime
    partner: str | None = None  # the other side of the exchange
    group: str | None = None
    role: str | None = None  # of the person in the exchange: giver or recipient
    stars: int | None = None  # of a rating
    of: str | None = None  # what was rated: food or recipient
    raw: Decimal = ZERO  # an adjustment's own impact
    days: int = 0  # of inactivity, which a decay is for
    since: datetime | None = None  # the last activity that a decay knows of
    reverses: UUID | None = None
    carried: dict[str, Any] | None = None  # an opening's balance: fields of State
    note: str | None = None  # what a moderator said of it


@dataclass(frozen=True, slots=True)
class Applied:
    """What an event did to the score, and why not more; `raw` is what it is worth by itself."""

    event: Event
    raw: Decimal
    previous: Decimal
    score: Decimal
    level: str
    reason: str

    @property
    def impact(self) -> Decimal:
        return self.score - self.previous


def clamp(score: Decimal) -> Decimal:
    """The nearest score that there is."""
    return min(max(score, rules.LOWEST), rules.HIGHEST)


def apply(state: State, event: Event) -> Applied:
    """Change the state by an event that is no reversal. Raises KeyError for an unknown kind, and changes nothing."""
    at = event.at if state.latest is None or event.at > state.latest else state.latest
    raw, impact, reason = weigh(state, event, at)
    state.latest, previous = at, state.score
    score = clamp(previous + impact)
    if score != previous + impact:
        reason += f"; a score stays within {rules.LOWEST} and {rules.HIGHEST}"
    remember(state, event, at, score - previous)
    settle(state, score, at)
    return Applied(event, raw, previous, score, state.level, reason)


def weigh(state: State, event: Event, at: datetime) -> tuple[Decimal, Decimal, str]:
    """What an event is worth, what it does to the score, its bounds aside, and why."""
    if rule := rules.RULES.get(event.type):
        return weigh_by(rule, state, event, at)
    if event.type in rules.WITHOUT_IMPACT:
        return ZERO, ZERO, "it moves no score"
    return SPECIAL[event.type](state, event)


def weigh_by(rule: rules.Rule, state: State, event: Event, at: datetime) -> tuple[Decimal, Decimal, str]:
    worth, reason = rule.impact, PLAIN_REASONS[event.type]
    weight = pair_weight(state, event, at) if event.type in rules.RATINGS else WHOLE
    if weight != WHOLE:
        worth = (worth * weight).quantize(CENT, ROUND_HALF_UP)
        reason = (f"{worth:+.2f}, {weight} of {rule.impact:+.2f} as this pair has rated within {rules.PAIR_DAYS} days "
                  "before")
    left = max(rule.cap - abs(used(state, event.type, at)), ZERO)
    if abs(worth) <= left:
        return rule.impact, worth, reason
    withheld = abs(worth) - left
    reason += f", of which the cap of {rule.cap} a {rule.window} withheld {withheld:.2f}"
    return rule.impact, left.copy_sign(worth), reason


def used(state: State, kind: str, at: datetime) -> Decimal:
    """What events of a kind have added or taken in the window of `at`."""
    if kind not in state.used:
        return ZERO
    first_day, total = state.used[kind]
    return total if first_day == rules.RULES[kind].window.first_day(at) else ZERO


def pair_weight(state: State, event: Event, at: datetime) -> Decimal:
    """What a rating weighs after the pair's earlier ones."""
    since = at - PAIR_PERIOD
    before = sum(rater == event.partner and when > since for rater, when in state.ratings)
    return rules.PAIR_WEIGHTS[before] if before < len(rules.PAIR_WEIGHTS) else ZERO


def weigh_adjustment(state: State, event: Event) -> tuple[Decimal, Decimal, str]:
    return event.raw, event.raw, f"{event.raw:+.2f} by a moderator" + (f": {event.note}" if event.note else "")


def weigh_decay(state: State, event: Event) -> tuple[Decimal, Decimal, str]:
    """What inactivity takes: nothing below the floor of the person's level, and nothing once it has ended."""
    raw = rules.DECAY[event.days]
    if event.since != state.active_since or event.days <= state.decayed:
        return raw, ZERO, "the person has been active since"
    floor = rules.DECAY_FLOORS.get(state.level, rules.DECAY_FLOOR)
    impact = min(max(raw, floor - state.score), ZERO)
    reason = f"{raw:+.2f} after {event.days} days of inactivity"
    return raw, impact, reason if impact == raw else f"{reason}, not below {floor}"


def weigh_opening(state: State, event: Event) -> tuple[Decimal, Decimal, str]:
    score = Decimal((event.carried or {}).get("score", state.score))
    return score - state.score, score - state.score, "what the person brought from before the ledger"


def weigh_idle_reversal(state: State, event: Event) -> tuple[Decimal, Decimal, str]:
    return ZERO, ZERO, "what it undoes was never in this ledger"


SPECIAL = {rules.ADJUSTMENT: weigh_adjustment, rules.DECAY_EVENT: weigh_decay, rules.OPENING: weigh_opening,
           rules.REVERSAL: weigh_idle_reversal}


def remember(state: State, event: Event, at: datetime, impact: Decimal) -> None:
    """Keep what later events, the level and the statistics ask of this one."""
    kind = event.type
    if rule := rules.RULES.get(kind):
        state.used[kind] = (rule.window.first_day(at), used(state, kind, at) + impact)
    if kind in rules.ACTIVITIES:
        state.last_activity, state.decayed = at, 0
    if event.group is not None:
        state.groups.add(event.group)
    if event.stars is not None:
        remember_stars(state, event, at)
    if kind in REMEMBER:
        REMEMBER[kind](state, event, at)


def remember_stars(state: State, event: Event, at: datetime) -> None:
    stars = state.food if event.of == "food" else state.recipient
    stars.count, stars.total = stars.count + 1, stars.total + (event.stars or 0)
    if event.type in rules.RATINGS and event.partner is not None:
        since = at - PAIR_PERIOD
        state.ratings = [(rater, when) for rater, when in state.ratings if when > since] + [(event.partner, at)]


def remember_share(state: State, event: Event, at: datetime) -> None:
    state.shared += 1


def remember_completed(state: State, event: Event, at: datetime) -> None:
    state.exchanges += 1
    state.claimed += event.role == "recipient"
    if event.partner is not None and len(state.partners) < MOST_PARTNERS:
        state.partners.add(event.partner)


def remember_cancelled(state: State, event: Event, at: datetime) -> None:
    state.cancelled += 1


def remember_no_show(state: State, event: Event, at: datetime) -> None:
    state.no_shows += 1


def remember_incident(state: State, event: Event, at: datetime) -> None:
    state.incidents, state.last_incident = state.incidents + 1, at


def remember_resolved(state: State, event: Event, at: datetime) -> None:
    state.resolved += 1


def remember_help(state: State, event: Event, at: datetime) -> None:
    state.contributions += 1


def remember_decay(state: State, event: Event, at: datetime) -> None:
    if event.since == state.active_since:
        state.decayed = max(state.decayed, event.days)


def remember_opening(state: State, event: Event, at: datetime) -> None:
    """Take over a balance; the score that it brings is where the person began."""
    carried = event.carried or {}
    for name in ("shared", "claimed", "exchanges", "cancelled", "no_shows", "incidents", "resolved", "contributions"):
        setattr(state, name, carried.get(name, 0))
    state.partners = set(carried.get("partners", ())[:MOST_PARTNERS])
    state.groups = set(carried.get("groups", ()))
    state.food, state.recipient = Stars(*carried.get("food", ())), Stars(*carried.get("recipient", ()))
    if since := carried.get("last_activity"):
        state.last_activity = moment(since)
    state.closings = [(state.joined.date(), Decimal(carried.get("score", state.score)))]


REMEMBER = {
    "food_shared": remember_share, "exchange_completed": remember_completed, "exchange_cancelled": remember_cancelled,
    "no_show_pickup": remember_no_show, "exchange_resolved": remember_resolved, "community_help": remember_help,
    rules.DECAY_EVENT: remember_decay, rules.OPENING: remember_opening,
    **dict.fromkeys(rules.INCIDENTS, remember_incident),
}


def settle(state: State, score: Decimal, at: datetime) -> None:
    """Take the new score, and what follows from it."""
    state.score, state.peak = score, max(state.peak, score)
    state.level = level_of(state, at)
    today = at.date()
    if state.closings and state.closings[-1][0] == today:
        state.closings[-1] = (today, score)
        return
    state.closings.append((today, score))
    while len(state.closings) > 1 and state.closings[1][0] <= today - TREND_PERIOD:  # a later one tells of that day
        del state.closings[0]


def level_of(state: State, at: datetime) -> str:
    """The highest level whose score and evidence the person has; on the way down, one is kept a little below its score.

    So whoever falls past a level in one step stands where two smaller steps would have led.
    """
    slack = ZERO
    for level in rules.LEVELS:
        slack = rules.HYSTERESIS if level.name == state.level else slack
        if state.score >= level.score - slack and has_evidence(state, level, at):
            return level.name
    return rules.LEVELS[-1].name


def has_evidence(state: State, level: Level, at: datetime) -> bool:
    if state.exchanges < level.exchanges or len(state.partners) < level.partners:
        return False
    if level.days and at - state.joined < timedelta(days=level.days):
        return False
    return (not level.quiet_days or state.last_incident is None
            or state.last_incident < at - timedelta(days=level.quiet_days))


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
    settle(after, after.score, at)
    reason = f"event {event.reverses} counts for nothing, nor does what its cap withheld from others"
    return after, Applied(event, after.score - state.score, state.score, after.score, after.level, reason)


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
