"""The rules of ops/alerts are whole, tested by Prometheus' own tool, and about figures that exist."""

import re
import shutil
import subprocess

import pytest

from ops.monitoring.alerts.rules import duration, rules
from ops.monitoring.metrics import METRICS
from tests.ops.alerts.written import ALERTS, FILES, TESTS, every_rule, unit_tests

PROMTOOL = pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is missing: apt-get install prometheus")
PARTS = {"histogram": ("_bucket", "_sum", "_count")}
EXPORTED = {f"{metric.name}{part}" for metric in METRICS for part in PARTS.get(metric.kind, ("",))}
RECORDED = {rule["record"] for rule in every_rule() if "record" in rule}


@PROMTOOL
def test_prometheus_accepts_the_rules() -> None:
    result = subprocess.run(["promtool", "check", "rules", *FILES], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


@PROMTOOL
@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_each_rule_fires_and_stays_silent(path: str) -> None:
    result = subprocess.run(["promtool", "test", "rules", path], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_there_are_many_rules_each_of_its_own_name() -> None:
    names = [rule["alert"] for rule in every_rule() if "alert" in rule]
    assert len(names) == len(set(names)) >= 40


@pytest.mark.parametrize("rule", ALERTS.values(), ids=ALERTS)
def test_a_rule_says_how_bad_it_is_from_when_on_and_what_to_do(rule: dict[str, dict[str, str]]) -> None:
    assert rule["labels"]["severity"] in ("info", "warning", "critical")
    assert re.fullmatch(r"\d+[smhd]", str(rule["for"]))
    assert rule["annotations"]["summary"]
    assert rule["annotations"]["description"].endswith(".")
    assert rule["annotations"]["runbook_url"] == f"docs/runbooks/{rule['alert']}.md"


@pytest.mark.parametrize("name", ALERTS)
def test_a_rule_has_both_kinds_of_test(name: str) -> None:
    expected = [bool(case["exp_alerts"]) for test in unit_tests() for case in test["alert_rule_test"]
                if case["alertname"] == name]
    assert set(expected) == {True, False}
    titles = {test["name"] for test in unit_tests()}
    assert {f"{name} fires", f"{name} stays silent"} <= titles


@pytest.mark.parametrize("name", [name for name, rule in ALERTS.items() if duration(rule["for"])])
def test_a_rule_is_seen_not_to_fire_too_early(name: str) -> None:
    [test] = [test for test in unit_tests() if test["name"] == f"{name} fires"]
    assert [bool(case["exp_alerts"]) for case in test["alert_rule_test"]] == [False, True]


def named(text: str) -> set[str]:
    return set(re.findall(r"foodshare[a-z0-9_:]+", text))


def test_rules_name_only_what_is_exported_or_recorded() -> None:
    assert {name for rule in every_rule() for name in named(rule["expr"])} <= EXPORTED | RECORDED


def test_their_tests_give_only_figures_that_are_exported() -> None:
    given = {name for test in unit_tests() for series in test["input_series"] for name in named(series["series"])}
    assert given <= EXPORTED


def test_labels_are_those_of_the_metrics() -> None:
    labels = {f"{metric.name}{part}": {*metric.labels, "le"} for metric in METRICS
              for part in PARTS.get(metric.kind, ("",))}
    texts = [rule["expr"] for rule in every_rule()]
    texts += [series["series"] for test in unit_tests() for series in test["input_series"]]
    for text in texts:
        for name, matchers in re.findall(r"(foodshare_\w+)\{([^}]*)\}", text):
            assert set(re.findall(r"(\w+)(?:=|!)", matchers)) <= labels[name], text


def test_the_worker_judges_most_of_them() -> None:
    assert len(rules()) >= 60
