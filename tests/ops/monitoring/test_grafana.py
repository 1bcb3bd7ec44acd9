"""The dashboards for Grafana are whole, and about figures that exist."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from foodshare.db.operations import ROOT
from ops.monitoring.metrics import METRICS

FILES = sorted((ROOT / "ops" / "dashboards").glob("*.json"))
BOARDS = {path.stem: json.loads(path.read_text()) for path in FILES}
PARTS = {"histogram": ("_bucket", "_sum", "_count")}
LABELS = {f"{metric.name}{part}": {*metric.labels, *({"le"} if part == "_bucket" else ())}
          for metric in METRICS for part in PARTS.get(metric.kind, ("",))}
COUNTERS = ("_total", "_bucket", "_sum", "_count")
NAME = re.compile(r"\b(foodshare_\w+)(\{[^}]*\})?(\[)?")
BY = re.compile(r"\b(?:by|on|group_left) \(([^)]*)\)")


def panels(board: dict[str, Any]) -> list[dict[str, Any]]:
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def expressions() -> Iterator[tuple[str, str, str]]:
    """Of each target its dashboard, its panel's title, and what it asks."""
    for name, board in BOARDS.items():
        for panel in panels(board):
            for target in panel["targets"]:
                yield name, panel["title"], target["expr"]


def test_there_is_one_for_each_subject() -> None:
    assert set(BOARDS) == {"overview", "database", "queries", "cache", "streams", "replication", "product"}


@pytest.mark.parametrize("name", BOARDS)
def test_dashboard_can_be_imported(name: str) -> None:
    board = BOARDS[name]
    assert board["uid"] == f"foodshare-{name}"
    assert board["schemaVersion"] == 39
    assert board["id"] is None
    assert board["templating"]["list"][0]["type"] == "datasource"
    numbers = [panel["id"] for panel in board["panels"]]
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("name", BOARDS)
def test_panels_have_a_unit_and_take_the_chosen_source(name: str) -> None:
    for panel in panels(BOARDS[name]):
        defaults = panel["fieldConfig"]["defaults"]
        assert panel["title"]
        assert panel["type"] == "table" or defaults["unit"], panel["title"]
        assert defaults["thresholds"]["steps"][0]["value"] is None, panel["title"]
        assert {part["datasource"]["uid"] for part in (panel, *panel["targets"])} == {"${datasource}"}
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])


@pytest.mark.parametrize("name", BOARDS)
def test_panels_do_not_lie_over_each_other(name: str) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in BOARDS[name]["panels"]:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                 for y in range(place["y"], place["y"] + place["h"])}
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells


def test_expressions_name_exported_metrics_and_their_labels() -> None:
    for board, title, expression in expressions():
        used = NAME.findall(expression)
        assert used, (board, title)
        known: set[str] = set()
        for name, matchers, _ in used:
            assert name in LABELS, (board, title, name)
            assert set(re.findall(r"(\w+)\s*[=!]~?\"", matchers)) <= LABELS[name], (board, title, expression)
            known |= LABELS[name]
        grouped = {label.strip() for labels in BY.findall(expression) for label in labels.split(",")}
        assert grouped <= known, (board, title, expression)


def test_names_in_legends_are_labels_of_what_is_asked() -> None:
    for board in BOARDS.values():
        for panel in panels(board):
            for target in panel["targets"]:
                known = {label for name, _, _ in NAME.findall(target["expr"]) for label in LABELS[name]}
                assert set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])) <= known, panel["title"]


def test_counters_are_shown_as_rates() -> None:
    for board, title, expression in expressions():
        for name, _, over_time in NAME.findall(expression):
            assert bool(over_time) == name.endswith(COUNTERS), (board, title, name)


@pytest.mark.parametrize("name", ["request", "pool", "router", "statement", "table", "index", "replication", "stream",
                                  "cache", "backup", "jobs", "disk", "outbox", "moderation"])
def test_every_subject_is_shown(name: str) -> None:
    assert any(f"foodshare_{name}" in expression for _, _, expression in expressions())


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is missing: apt-get install prometheus")
def test_prometheus_can_read_every_expression(tmp_path: Path) -> None:
    asked = sorted({expression for *_, expression in expressions()})
    rules = [{"record": f"dashboard:expression:{number}",
              "expr": expression.replace("$__rate_interval", "5m").replace("$endpoint", ".*")}
             for number, expression in enumerate(asked)]
    path = tmp_path / "expressions.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "dashboards", "rules": rules}]}))
    result = subprocess.run(["promtool", "check", "rules", path], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
