"""Why a score is what it is, and what comes next: functions of a person's state and the clock alone."""

from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import orjson

from reputation import rules
from reputation.rules import Level, Rule, Window
from reputation.scoring import Event, apply, used, weigh_decay
from reputation.state import ZERO, State

IMAGINED = UUID(int=0)  # the id of an event that only might be
DAY, INSTANT = timedelta(days=1), timedelta.resolution
PAST_THE_END = {Window.DAY: DAY, Window.WEEK: 7 * DAY, Window.MONTH: 32 * DAY}  # from a window's first day
# What a person can do for the kinds that add.
WAYS = {
    "food_shared": "Share food.",
    "exchange_completed": "Complete an exchange, on either side.",
    "highly_rated_food": f"Have food rated highly by somebody who has not rated you for {rules.PAIR_DAYS} days.",
    "reliable_pickup": "Pick up as agreed what you claimed.",
    "community_help": "Help in the community.",
}


@dataclass(frozen=True)
class Cap:
    """How much of a kind's cap is used in the present window, and when the next window begins."""

    kind: str
    rule: Rule
    used: Decimal
    left: Decimal
    renews_at: datetime


@dataclass(frozen=True)
class Decay:
    """What inactivity takes next, unless the person is active before."""

    days: int
    at: datetime
    impact: Decimal
    sentence: str


@dataclass(frozen=True)
class NextLevel:
    """What the level above asks for that the person does not have yet; zeros where it is there."""

    level: str
    score: Decimal
    exchanges: int
    days: int
    partners: int
    quiet_days: int

    @property
    def sentence(self) -> str:
        missing = [
            f"{self.score} points" if self.score else "",
            counted(self.exchanges, "completed exchange"),
            counted(self.partners, "more different partner"),
            counted(self.days, "more day", " on the platform"),
            counted(self.quiet_days, "more day", " without an incident"),
        ]
        if not any(missing):
            return f"Nothing is missing for {self.level}: it comes with your next event."
        return f"For {self.level} you still need {listed([part for part in missing if part])}."


@dataclass(frozen=True)
class Help:
    """What one event of a kind would do now: what it adds, and the score and the level after it."""

    kind: str
    impact: Decimal
    score: Decimal
    level: str
    sentence: str


def clock(state: State, now: datetime) -> datetime:
    """The time by which the next event counts: time never runs backwards for a person."""
    return max(now, state.latest) if state.latest else now


def caps(state: State, now: datetime) -> list[Cap]:
    """Every cap, in the window of now."""
    at, found = clock(state, now), []
    for kind, rule in rules.RULES.items():
        spent = abs(used(state, kind, at))
        found.append(Cap(kind, rule, spent, max(rule.cap - spent, ZERO), window_end(rule.window, at)))
    return found


def window_end(window: Window, at: datetime) -> datetime:
    """When the window after that of `at` begins."""
    return midnight(window.first_day(midnight(window.first_day(at)) + PAST_THE_END[window]))


def midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def next_decay(state: State) -> Decay | None:
    """The next step of inactivity; None when all are done."""
    due = state.decay_due_at()
    if due is None:
        return None
    days = (due - state.active_since).days
    event = Event(IMAGINED, rules.DECAY_EVENT, due, days=days, since=state.active_since)
    _, impact, reason = weigh_decay(state, event)
    return Decay(days, due, impact, f"Unless you are active before {due:%Y-%m-%d}: {reason}.")


def next_level(state: State, now: datetime) -> NextLevel | None:
    """The level above the present one; None at the highest."""
    place = [level.name for level in rules.LEVELS].index(state.level)
    return missing_for(rules.LEVELS[place - 1], state, clock(state, now)) if place else None


def missing_for(level: Level, state: State, at: datetime) -> NextLevel:
    quiet = state.last_incident + level.quiet_days * DAY + INSTANT if state.last_incident and level.quiet_days else at
    return NextLevel(
        level.name, score=max(level.score - state.score, ZERO), exchanges=max(level.exchanges - state.exchanges, 0),
        days=days_until(state.joined + level.days * DAY, at) if level.days else 0,
        partners=max(level.partners - len(state.partners), 0),
        quiet_days=days_until(quiet, at))


def days_until(due: datetime, at: datetime) -> int:
    """How many days it takes, a part of one counted whole."""
    return max(-((at - due) // DAY), 0)


def helps(state: State, now: datetime) -> list[Help]:
    """The kinds of which one event would raise the score now, the best first."""
    at, found = clock(state, now), []
    for kind, way in WAYS.items():
        applied = apply(deepcopy(state), Event(IMAGINED, kind, at))
        if applied.impact > 0:
            found.append(Help(kind, applied.impact, applied.score, applied.level, way))
    return sorted(found, key=lambda help: (-help.impact, help.kind))


def raw_and_why(description: str | None) -> tuple[str | None, str | None]:
    """What an event of the ledger is worth by itself, and the sentence; a description of other origin is all why."""
    try:
        facts = orjson.loads(description or "{}")
    except orjson.JSONDecodeError:
        return None, description
    return (facts.get("raw"), facts.get("why")) if isinstance(facts, dict) else (None, description)


def counted(number: int, word: str, rest: str = "") -> str:
    """'1 day', '2 days'; nothing for 0."""
    return f"{number} {word}{'s' if number > 1 else ''}{rest}" if number else ""


def listed(parts: list[str]) -> str:
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]
