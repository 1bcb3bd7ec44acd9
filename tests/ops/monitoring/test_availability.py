"""Availability and error budget, from what is kept of each minute."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections

from ops.models import MonitoringSample
from ops.monitoring.availability import OBJECTIVE, budget, counted, share

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def sample(ago: timedelta, seconds: int = 60, **counts: float) -> None:
    figures = {f"foodshare_requests_total{{status={status.strip('_')}}}": count for status, count in counts.items()}
    MonitoringSample.objects.using("owner").create(at=NOW - ago, seconds=seconds, figures=figures)


@pytest.mark.django_db(databases=["owner"])
def test_samples_of_all_lengths_are_added_up_within_the_window() -> None:
    sample(timedelta(minutes=5), _2xx=900, _4xx=50, _5xx=1)
    sample(timedelta(hours=30), seconds=600, _2xx=99, _3xx=1)
    sample(timedelta(days=8), seconds=3600, _5xx=9)
    sample(timedelta(days=40), seconds=3600, _5xx=1000)
    MonitoringSample.objects.using("owner").create(at=NOW, seconds=60, figures={"foodshare_processes": 2})
    owner = connections["owner"]
    assert counted(owner, NOW - timedelta(hours=1)) == (951, 1)
    assert counted(owner, NOW - timedelta(days=30)) == (1060, 10)
    assert counted(owner, NOW) == (0, 0)


def test_a_site_that_nobody_asked_has_no_availability() -> None:
    assert share(0, 0) is None
    assert budget(0, 0) is None


@pytest.mark.parametrize(("failed", "left"), [(0, 1.0), (50, 0.5), (100, 0.0), (200, -1.0)])
def test_the_budget_is_what_is_left_of_the_failures_that_may_happen(failed: int, left: float) -> None:
    total = round(100 / (1 - OBJECTIVE))
    assert budget(total, failed) == pytest.approx(left)
    assert share(total, failed) == pytest.approx(1 - failed / total)
