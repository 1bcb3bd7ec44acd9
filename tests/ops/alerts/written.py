"""What stands in ops/alerts and docs/runbooks."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from ops.monitoring.alerts.rules import DIRECTORY, written

RUNBOOKS = Path(settings.BASE_DIR) / "docs" / "runbooks"
FILES = sorted(DIRECTORY.glob("*.yml"))
TESTS = sorted((DIRECTORY / "tests").glob("*.yml"))
ALERTS: dict[str, dict[str, Any]] = {rule["alert"]: rule for rule in written()}


@cache
def every_rule() -> list[dict[str, Any]]:
    """The recording ones too."""
    return [rule for path in FILES for group in yaml.safe_load(path.read_text())["groups"] for rule in group["rules"]]


@cache
def unit_tests() -> list[dict[str, Any]]:
    return [test for path in TESTS for test in yaml.load(path.read_text(), yaml.CSafeLoader)["tests"]]
