"""Which time the charts show unless somebody asks, and that a single sample can be seen."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from ops.models import MonitoringSample
from ops.monitoring.dashboard.charts import Chart, Series
from ops.monitoring.dashboard.moment import Moment
from ops.monitoring.history import MINUTE

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.django_db
@pytest.mark.parametrize(("asked", "ago", "shown"), [("", 5, "1h"), ("", 7, "24h"), ("7d", 5, "7d"), ("1y", 7, "24h")])
def test_young_history_is_shown_by_the_hour(asked: str, ago: int, shown: str) -> None:
    MonitoringSample.objects.create(at=datetime.now(UTC) - timedelta(hours=ago), seconds=MINUTE, figures={})
    assert Moment(asked).period == shown


def paths(*minutes: int) -> list[tuple[str, str]]:
    series = Series("a", [(NOON + timedelta(minutes=each), 1.0) for each in minutes])
    chart = Chart("A", [series], NOON, NOON + timedelta(hours=1), timedelta(minutes=2))
    return re.findall(r'<path class="line( alone)? shade-0" d="([^"]*)"', chart.svg())


def test_points_alone_are_drawn_apart_from_lines() -> None:
    [(is_alone, line), (are_alone, dots)] = paths(0, 1, 2, 20, 40, 41)
    assert (is_alone, line.count("M"), line.count("L")) == ("", 2, 3)
    assert (are_alone, dots.count("M"), dots.count("L")) == (" alone", 1, 1)


def test_line_without_lone_points_has_none() -> None:
    assert [name for name, _ in paths(0, 1, 2)] == [""]
