"""What counting costs is measured by real requests, with it and without, and judged by the median."""

import json
from contextlib import suppress
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from ops.benchmarks.monitoring import Overhead, Round


@pytest.mark.parametrize(("counted", "exit_code"), [([1.02, 1.5, 1.01], 0), ([1.05, 1.0, 1.04], 1)])
def test_the_median_is_judged(counted: list[float], exit_code: int) -> None:
    found = Overhead(10, [Round(each, 1.0) for each in counted], [30.0])
    assert found.exit_code == exit_code
    assert found.as_json()["exit_code"] == exit_code


def test_no_round_is_refused() -> None:
    with pytest.raises(CommandError, match="--rounds 0: must be at least 1"):
        call_command("benchmark", "monitoring", "--rounds", "0")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_real_requests_are_measured_both_ways() -> None:
    out = StringIO()
    with suppress(SystemExit):  # so few requests judge nothing
        call_command("benchmark", "monitoring", "--rounds", "2", "--requests", "2", "--json", stdout=out)
    found = json.loads(out.getvalue())
    assert len(found["rounds"]) == 2
    assert all(each["counted"] > 0 and each["bare"] > 0 for each in found["rounds"])
    assert all(each > 0 for each in found["scrapes"])
