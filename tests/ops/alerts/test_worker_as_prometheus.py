"""The worker judges by the same rules as Prometheus, and writes the same: promtool's tests are its tests too."""

import re
from typing import Any

import pytest

from ops.monitoring.alerts.figures import FILTERS
from ops.monitoring.alerts.rules import Rule, parse, render, rules
from ops.monitoring.snapshot import Sample
from tests.ops.alerts.written import unit_tests

Values = dict[str, list[Sample]]
BY_NAME = {rule.name: rule for rule in rules()}


def cases() -> list[tuple[Rule, dict[str, Any]]]:
    """The tests of those rules that the worker judges, whose figures do not change."""
    return [(BY_NAME[case["alertname"]], test | {"case": case}) for test in unit_tests()
            for case in test["alert_rule_test"][-1:] if case["alertname"] in BY_NAME]


def values(series: list[dict[str, str]]) -> Values:
    found: Values = {}
    for each in series:
        name, _, labels = each["series"].partition("{")
        found.setdefault(name, []).append(Sample(dict(re.findall(r'(\w+)="([^"]*)"', labels)),
                                                 float(each["values"].partition("x")[0])))
    return found


@pytest.mark.parametrize(("rule", "test"), cases(), ids=[test["name"] for _, test in cases()])
def test_the_same_holds_and_the_same_is_said(rule: Rule, test: dict[str, Any]) -> None:
    found = [(dict(labels) | {"severity": rule.severity}, render(rule.summary, dict(labels), value),
              render(rule.description, dict(labels), value))
             for labels, value in rule.of(values(test["input_series"])).items()]
    assert found == [(alert["exp_labels"], alert["exp_annotations"]["summary"], alert["exp_annotations"]["description"])
                     for alert in test["case"]["exp_alerts"]]


@pytest.mark.parametrize("expression", [
    "rate(foodshare_requests_total[5m]) > 1", "absent(foodshare_source_up)", "foodshare_a / on() foodshare_b > 1",
    "foodshare_a > foodshare_b", "sum by (x) (foodshare_a) > 1", "foodshare_a > 1 or foodshare_b > 1",
    "foodshare_a offset 1d > 1", "-foodshare_a > 1",
])
def test_what_it_does_not_understand_it_leaves_to_prometheus(expression: str) -> None:
    assert parse(expression) is None


@pytest.mark.parametrize(("name", "value", "text"), [
    (None, 3.0, "3"), (None, 0.5, "0.5"), ("humanize", 0.0, "0"), ("humanize", 1234567.0, "1.235M"),
    ("humanize", 0.0123, "12.3m"), ("humanizeDuration", 0.0, "0s"), ("humanizeDuration", 0.25, "250ms"),
    ("humanizeDuration", 59.5, "59.5s"), ("humanizeDuration", 3600.0, "1h 0m 0s"),
    ("humanizeDuration", 180_000.0, "2d 2h 0m 0s"), ("humanize1024", 1536.0, "1.5ki"), ("humanize1024", 12.0, "12"),
    ("humanizePercentage", 0.1234, "12.34%"), ("humanize", float("inf"), "inf"),
])
def test_figures_are_written_as_prometheus_writes_them(name: str | None, value: float, text: str) -> None:
    assert FILTERS[name](value) == text
