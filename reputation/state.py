"""Where a person stands: what their events fold to, as it is kept between them and as it is shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import orjson

from reputation import rules

VERSION = 1  # of what `dump` writes; another one is not read
COURSE = ("joined", "score", "closings")  # what of that a trend follows from
ZERO, CENT = Decimal(0), Decimal("0.01")
MOST_PARTNERS = max(level.partners for level in rules.LEVELS)  # more make no difference
DECAY_DAYS = sorted(rules.DECAY)
NEXT_DECAY = {before: timedelta(days=days) for before, days in zip([0, *DECAY_DAYS], DECAY_DAYS, strict=False)}


class BadMemo(ValueError):
    """What was kept of a state is damaged, or another release's."""


@dataclass(slots=True)
class Stars:
    """Ratings received: how many, and their sum."""

    count: int = 0
    total: int = 0

    def mean(self) -> Decimal:
        """The plain mean; 0 before the first."""
        return (Decimal(self.total) / self.count).quantize(CENT, ROUND_HALF_UP) if self.count else Decimal("0.00")


@dataclass(slots=True)
class State:
    """Where a person stands, with what the next event asks of those before it; bounded, but for the groups.

    Times are aware UTC; people and groups are ids as text.
    """

    joined: datetime
    score: Decimal = rules.START
    level: str = rules.START_LEVEL
    peak: Decimal = rules.START
    latest: datetime | None = None  # of the events so far
    used: dict[str, tuple[date, Decimal]] = field(default_factory=dict)  # by kind: the window, what it added or took
    partners: set[str] = field(default_factory=set)  # no more than MOST_PARTNERS
    ratings: list[tuple[str, datetime]] = field(default_factory=list)  # who rated in the last PAIR_DAYS, and when
    closings: list[tuple[date, Decimal]] = field(default_factory=list)  # the score at the end of days with events
    last_incident: datetime | None = None
    last_activity: datetime | None = None
    decayed: int = 0  # the days of inactivity that the person has paid for
    shared: int = 0
    claimed: int = 0
    exchanges: int = 0  # completed, on either side
    cancelled: int = 0  # by the person
    no_shows: int = 0
    incidents: int = 0
    resolved: int = 0
    contributions: int = 0
    groups: set[str] = field(default_factory=set)
    food: Stars = field(default_factory=Stars)
    recipient: Stars = field(default_factory=Stars)

    @property
    def active_since(self) -> datetime:
        """When the person was last active, or came."""
        return self.last_activity or self.joined

    def decay_due_at(self) -> datetime | None:
        """When inactivity takes something next; None when all of its steps are done."""
        due = NEXT_DECAY.get(self.decayed)
        return self.active_since + due if due else None

    def score_before(self, at: datetime) -> Decimal:
        """The score TREND_DAYS before `at`."""
        day, score = at.date() - timedelta(days=rules.TREND_DAYS), rules.START
        for closed, closing in self.closings:
            if closed > day:
                break
            score = closing
        return score

    def trend(self, at: datetime) -> str:
        """Where the score is going."""
        change = self.score - self.score_before(at)
        if abs(change) <= rules.TREND_STEP:
            return "stable"
        return "rising" if change > 0 else "declining"

    def reliability(self) -> Decimal:
        """The share of exchanges that the person saw through, in per cent."""
        all_of_them = self.exchanges + self.cancelled + self.no_shows + rules.PRIOR_EXCHANGES
        share = 100 * (self.exchanges + rules.PRIOR_KEPT) / all_of_them
        return min(share.quantize(CENT, ROUND_HALF_UP), rules.HIGHEST)

    def columns(self) -> dict[str, Any]:
        """The person's row of document A's projection, as of the latest event, but for what tells of the stream."""
        at = self.latest or self.joined
        return {
            "overall_score": self.score, "trust_level": self.level, "total_food_shared": self.shared,
            "total_food_claimed": self.claimed, "total_exchanges_completed": self.exchanges,
            "total_groups_participated": len(self.groups), "avg_food_rating": self.food.mean(),
            "avg_recipient_rating": self.recipient.mean(), "reliability_score": self.reliability(),
            "reported_incidents": self.incidents, "resolved_disputes": self.resolved,
            "community_contributions": self.contributions, "account_age_days": max((at - self.joined).days, 0),
            "last_activity": self.active_since, "peak_reputation": self.peak, "reputation_trend": self.trend(at),
        }


def dump(state: State) -> bytes:
    """The state as JSON, the same bytes for the same state."""
    return orjson.dumps({
        "version": VERSION,
        "joined": state.joined, "score": str(state.score), "level": state.level, "peak": str(state.peak),
        "latest": state.latest, "used": {kind: (day, str(total)) for kind, (day, total) in state.used.items()},
        "partners": sorted(state.partners), "ratings": state.ratings,
        "closings": [(day, str(score)) for day, score in state.closings], "last_incident": state.last_incident,
        "last_activity": state.last_activity, "decayed": state.decayed, "shared": state.shared,
        "claimed": state.claimed, "exchanges": state.exchanges, "cancelled": state.cancelled,
        "no_shows": state.no_shows, "incidents": state.incidents, "resolved": state.resolved,
        "contributions": state.contributions, "groups": sorted(state.groups),
        "food": (state.food.count, state.food.total), "recipient": (state.recipient.count, state.recipient.total),
    }, option=orjson.OPT_SORT_KEYS)


def load(kept: Any) -> State:
    """The state that `dump` has written, after the JSON was parsed. Raises BadMemo."""
    try:
        facts = dict(kept)
        if facts.pop("version") != VERSION:
            raise BadMemo
        return State(**facts | parsed(facts))
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadMemo(f"{error!r}") from error


def parsed(kept: dict[str, Any]) -> dict[str, Any]:
    """The fields that JSON has no type for."""
    return {
        "joined": moment(kept["joined"]), "score": Decimal(kept["score"]), "peak": Decimal(kept["peak"]),
        "latest": optional_moment(kept["latest"]), "last_incident": optional_moment(kept["last_incident"]),
        "last_activity": optional_moment(kept["last_activity"]), "partners": set(kept["partners"]),
        "groups": set(kept["groups"]), "food": Stars(*kept["food"]), "recipient": Stars(*kept["recipient"]),
        "used": {kind: (date.fromisoformat(day), Decimal(total)) for kind, (day, total) in kept["used"].items()},
        "ratings": [(rater, moment(when)) for rater, when in kept["ratings"]],
        "closings": closings(kept),
    }


def closings(kept: Mapping[str, Any]) -> list[tuple[date, Decimal]]:
    return [(date.fromisoformat(day), Decimal(score)) for day, score in kept["closings"]]


def trend(course: Mapping[str, Any], at: datetime) -> str:
    """Where the score is going, by those facts of a memo that COURSE names."""
    return State(moment(course["joined"]), score=Decimal(course["score"]), closings=closings(course)).trend(at)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def optional_moment(text: str | None) -> datetime | None:
    return moment(text) if text else None
