"""The rules of reputation, as data: what an event is worth, what decays, and what a level asks for."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

LOWEST, HIGHEST = Decimal("0.00"), Decimal("99.99")  # what DECIMAL(4,2) holds
START, START_LEVEL = Decimal("75.00"), "developing"  # document A's defaults


class Window(StrEnum):
    """The time over which a cap holds: a day, week (from Monday) or month of UTC, so that anyone can check it."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    def first_day(self, at: datetime) -> date:
        day = at.date()
        if self is Window.WEEK:
            return day - timedelta(days=day.weekday())
        return day.replace(day=1) if self is Window.MONTH else day


@dataclass(frozen=True)
class Rule:
    """What one event of a kind adds to the score, and how much all of the kind may add (or take) in one window."""

    impact: Decimal
    cap: Decimal
    window: Window


def rule(impact: str, cap: str, window: Window) -> Rule:
    return Rule(Decimal(impact), Decimal(cap), window)


RULES = {
    "food_shared": rule("2.0", "10", Window.DAY),
    "exchange_completed": rule("1.5", "15", Window.DAY),
    "highly_rated_food": rule("3.0", "15", Window.DAY),
    "reliable_pickup": rule("1.0", "10", Window.DAY),
    "community_help": rule("2.5", "10", Window.WEEK),
    "exchange_cancelled": rule("-1.0", "10", Window.DAY),
    "no_show_pickup": rule("-3.0", "15", Window.WEEK),
    "poor_food_rating": rule("-2.5", "10", Window.DAY),
    "spam_report": rule("-5.0", "25", Window.MONTH),
    "safety_violation": rule("-10.0", "30", Window.MONTH),
}
INCIDENTS = {"spam_report", "safety_violation"}  # only upheld ones become events
# What moves no score, but a statistic.
WITHOUT_IMPACT = {"exchange_rated", "exchange_resolved"}
# What a person does, as opposed to what others do about them: it ends inactivity.
ACTIVITIES = {"food_shared", "exchange_completed", "reliable_pickup", "community_help", "exchange_cancelled"}

RATINGS = {"highly_rated_food", "poor_food_rating"}
# What a rating weighs that is a pair of partners' first, second, … within PAIR_DAYS; the next ones weigh nothing.
PAIR_WEIGHTS = (Decimal("1"), Decimal("0.5"), Decimal("0.25"))
PAIR_DAYS = 90

DECAY_EVENT = "inactivity_decay"
# What a person loses who has been inactive for so many days; each step once.
DECAY = {30: Decimal("-0.5"), 60: Decimal("-1"), 90: Decimal("-2"), 180: Decimal("-5")}
DECAY_FLOOR = Decimal("40")
DECAY_FLOORS = {"trusted": Decimal("60"), "exemplary": Decimal("60")}

REVERSAL = "reversal"  # undoes an earlier event
ADJUSTMENT = "adjustment"  # by a moderator, with an impact of its own and no cap
OPENING = "opening_balance"  # what a person brings from before the ledger

# Reliability is the share of a person's exchanges that they saw through, with this many imagined ones before them.
PRIOR_KEPT, PRIOR_EXCHANGES = Decimal("2.25"), 3


@dataclass(frozen=True)
class Level:
    """A trust level: the score that it needs, and the evidence."""

    name: str
    score: Decimal
    exchanges: int = 0  # completed
    days: int = 0  # since the person came
    partners: int = 0  # different people, in completed exchanges
    quiet_days: int = 0  # since the last upheld incident


LEVELS = (  # highest first
    Level("exemplary", Decimal("90"), exchanges=50, days=180, partners=10, quiet_days=90),
    Level("trusted", Decimal("80"), exchanges=20, days=60),
    Level("established", Decimal("70"), exchanges=5),
    Level("developing", Decimal("50")),
    Level("concerning", LOWEST),
)
HYSTERESIS = Decimal("2")  # how far below its score a level is kept

TREND_DAYS = 30
TREND_STEP = Decimal("1")  # a change of no more than this is none


@dataclass(frozen=True)
class Ring:
    """When people who rate each other are reported to moderators, who judge; of `days` only."""

    days: int
    stars: int  # at least; what counts as top
    mutual: int  # such ratings that each of a pair gave the other
    received: int  # ratings that each has from inside, at least
    share: Decimal  # of all ratings that each received, at least
    exchanges: int  # named in a report, at most


RING = Ring(days=90, stars=5, mutual=3, received=5, share=Decimal("0.8"), exchanges=50)
