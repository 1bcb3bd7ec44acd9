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
@pytest.mark.slow
@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_each_rule_fires_and_stays_silent(path: str) -> None:
    result = subprocess.run(["promtool", "test", "rules", path], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_there_are_many_rules_each_of_its_own_name() -> None:
    names = [rule["alert"] for rule in every_rule() if "alert" in rule]
    assert len(names) == len(set(names)) >= 40


def test_a_rule_says_how_bad_it_is_from_when_on_and_what_to_do() -> None:
    for name, rule in ALERTS.items():
        assert rule["labels"]["severity"] in ("info", "warning", "critical"), name
        assert re.fullmatch(r"\d+[smhd]", rule["for"]), name
        assert rule["annotations"]["summary"], name
        assert rule["annotations"]["description"].endswith("."), name
        assert rule["annotations"]["runbook_url"] == f"docs/runbooks/{name}.md"


def test_what_is_said_of_one_is_true_from_its_first_minute() -> None:
    for name, rule in ALERTS.items():
        assert not re.search(r"\bfor ((a|two|five|ten) )?(minutes?|hours?)\b", rule["annotations"]["description"]), name


def test_a_rule_is_seen_to_fire_in_time_and_to_stay_silent() -> None:
    seen = {test["name"]: [bool(case["exp_alerts"]) for case in test["alert_rule_test"]] for test in unit_tests()}
    for name, rule in ALERTS.items():
        fires = seen.pop(f"{name} fires")
        assert fires in ([[False, True]] if duration(rule["for"]) else [[True], [False, True]]), name
        assert seen.pop(f"{name} stays silent") == [False]
    assert not seen


def test_a_test_is_about_the_rule_that_it_names() -> None:
    for test in unit_tests():
        assert {case["alertname"] for case in test["alert_rule_test"]} == {test["name"].partition(" ")[0]}


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
