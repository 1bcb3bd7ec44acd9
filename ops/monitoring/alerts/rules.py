"""The rules of ops/alerts/*.yml as the worker judges them, so that there is one list of thresholds.

The worker judges those rules that compare figures of one moment; rules over a stretch of time (rate, increase, …) are
for Prometheus alone. What it reads is this much of Prometheus' language: comparisons joined by `and`, each of a figure
(or `sum` of one), or of one figure's share in another, with a number.
"""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import yaml
from django.conf import settings

from ops.monitoring.alerts.figures import FILTERS

DIRECTORY = Path(settings.BASE_DIR) / "ops" / "alerts"
RUNBOOKS = "docs/runbooks"
Labels = frozenset[tuple[str, str]]
Vector = dict[Labels, float]  # a value for each combination of labels

FIGURE = r"(?:sum\((?=[^)]*\)))?[a-z_]+(?:\{[^}]*\})?\)?"
COMPARISON = re.compile(rf"({FIGURE})(?: / ({FIGURE}))? (>=|<=|>|<|==|!=) (-?[0-9.]+(?:e[0-9]+)?)")
MATCHER = re.compile(r'(\w+)(=~|!~|!=|=)"([^"]*)"')
PLACE = re.compile(r"\{\{ \$(?:value|labels\.(\w+))(?: \| (\w+))? \}\}")
SIGNS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le, "==": operator.eq, "!=": operator.ne}
MATCHES: dict[str, Callable[[str, str], bool]] = {
    "=": operator.eq, "!=": operator.ne, "=~": lambda value, pattern: re.fullmatch(pattern, value) is not None,
    "!~": lambda value, pattern: re.fullmatch(pattern, value) is None}
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


class Sample(Protocol):
    """One of a metric's figures."""

    @property
    def labels(self) -> Mapping[str, str]: ...

    @property
    def value(self) -> float: ...


Values = Mapping[str, Sequence[Sample]]  # by the metric's name


@dataclass(frozen=True)
class Figure:
    """A metric's figures, of all or some labels, or their sum."""

    name: str
    matchers: tuple[tuple[str, str, str], ...]
    summed: bool

    def of(self, values: Values) -> Vector:
        found = {frozenset(sample.labels.items()): sample.value for sample in values.get(self.name, ())
                 if all(MATCHES[how](sample.labels.get(label, ""), what) for label, how, what in self.matchers)}
        return {frozenset(): sum(found.values())} if self.summed and found else found


@dataclass(frozen=True)
class Comparison:
    """That a figure, or its share in a whole, is beyond a bound."""

    figure: Figure
    whole: Figure | None
    sign: str
    bound: float

    def of(self, values: Values) -> Vector:
        """Where it holds: the left side's values."""
        found = self.figure.of(values)
        if self.whole:
            wholes = self.whole.of(values)
            found = {labels: share(value, wholes[labels]) for labels, value in found.items() if labels in wholes}
        return {labels: value for labels, value in found.items() if SIGNS[self.sign](value, self.bound)}


@dataclass(frozen=True)
class Rule:
    """What is wrong when all comparisons hold of the same labels for `hold`."""

    name: str
    severity: str
    hold: timedelta
    comparisons: tuple[Comparison, ...]
    summary: str  # a template, as Prometheus has them
    description: str  # likewise

    def of(self, values: Values) -> Vector:
        """Where it holds now, each with the value that its texts tell of."""
        found, *others = [comparison.of(values) for comparison in self.comparisons]
        return {labels: value for labels, value in found.items() if all(labels in other for other in others)}


def share(value: float, whole: float) -> float:
    """As Prometheus divides."""
    if whole:
        return value / whole
    return value * float("inf") if value else float("nan")


def parse(expression: str) -> tuple[Comparison, ...] | None:
    """The comparisons that an expression consists of; None if there is more to it."""
    found = [COMPARISON.fullmatch(part) for part in " ".join(expression.split()).split(" and ")]
    parts = [match.groups() for match in found if match]
    if len(parts) < len(found):
        return None
    return tuple(Comparison(figure(left), figure(right) if right else None, sign, float(bound))
                 for left, right, sign, bound in parts)


def figure(text: str) -> Figure:
    summed = text.startswith("sum(")
    name, _, matchers = text.removeprefix("sum(").partition("{")
    return Figure(name.rstrip(")"), tuple(MATCHER.findall(matchers)), summed)


def duration(text: str) -> timedelta:
    """As Prometheus writes them: 90s, 1h30m."""
    return timedelta(seconds=sum(int(number) * UNITS[unit] for number, unit in re.findall(r"(\d+)([smhd])", text)))


def render(text: str, labels: Mapping[str, str], value: float) -> str:
    """A rule's text about these labels and this value."""
    return PLACE.sub(lambda place: labels.get(place[1], "") if place[1] else FILTERS[place[2]](value), text)


@cache
def written() -> list[dict[str, Any]]:
    """Every alerting rule as it is written, in the order of the files."""
    return [rule for path in sorted(DIRECTORY.glob("*.yml")) for group in yaml.safe_load(path.read_text())["groups"]
            for rule in group["rules"] if "alert" in rule]


@cache
def rules() -> tuple[Rule, ...]:
    """Those that the worker judges."""
    found = [(rule, parse(rule["expr"])) for rule in written()]
    return tuple(Rule(rule["alert"], rule["labels"]["severity"], duration(rule["for"]), comparisons,
                      rule["annotations"]["summary"], rule["annotations"]["description"])
                 for rule, comparisons in found if comparisons)


def runbook(name: str) -> str:
    """Where it says what to do, below RUNBOOKS_URL or in the repository; of what is no rule the list of all."""
    page = name if any(rule["alert"] == name for rule in written()) else "README"
    return f"{settings.RUNBOOKS_URL or RUNBOOKS}/{page}.md"
