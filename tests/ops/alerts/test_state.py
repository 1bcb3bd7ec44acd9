"""An alert is pending, fires once its rule has held for long enough, and ends."""

from datetime import timedelta

import pytest

from ops.models import Alert
from tests.ops.alerts.figures import DOWN, START, UP, states, watch

pytestmark = pytest.mark.django_db
SOURCE = "foodshare_source_up"
LAGS = [("foodshare_replication_lag_seconds", {"standby": name}, 9.0) for name in ("one", "two")]


def test_it_is_pending_fires_and_ends() -> None:
    watch(0, DOWN)
    assert states() == {"CacheDown": "pending"}
    watch(0.5, DOWN)
    assert states() == {"CacheDown": "pending"}
    watch(1, DOWN)
    assert states() == {"CacheDown": "firing"}
    watch(2, UP)
    assert states() == {"CacheDown": "ended"}
    alert = Alert.objects.get()
    assert (alert.since, alert.fired_at, alert.ended_at) == (
        START, START + timedelta(minutes=1), START + timedelta(minutes=2))
    assert (alert.severity, alert.value) == ("critical", 0)
    assert alert.summary.startswith("The cache's server does not answer\n")


def test_a_look_that_comes_a_little_early_counts() -> None:
    watch(0, DOWN)
    watch(0.6, DOWN)
    assert states() == {"CacheDown": "firing"}


def test_one_that_passes_in_time_is_forgotten() -> None:
    watch(0, DOWN)
    watch(0.5, UP)
    assert states() == {}
    watch(1, DOWN)
    assert states() == {"CacheDown": "pending"}


def test_one_that_comes_again_is_another() -> None:
    for minute, figure in enumerate((DOWN, DOWN, UP, DOWN, DOWN)):
        watch(minute, figure)
    assert sorted(bool(alert.ended_at) for alert in Alert.objects.all()) == [False, True]


def test_each_subject_has_its_own() -> None:
    watch(0, *LAGS)
    watch(1, *LAGS)
    watch(2, LAGS[1], ("foodshare_replication_lag_seconds", {"standby": "one"}, 0.1))
    assert states() == {"ReplicationLag one": "ended", "ReplicationLag two": "firing"}


def test_it_tells_of_the_value_now() -> None:
    watch(0, LAGS[0])
    watch(1, ("foodshare_replication_lag_seconds", {"standby": "one"}, 90.0))
    alert = Alert.objects.get()
    assert alert.value == 90
    assert "one replays 1m 30s late" in alert.summary


def test_what_nobody_can_see_has_not_ended() -> None:
    watch(0, LAGS[0])
    watch(1, LAGS[0])
    watch(2, (SOURCE, {"source": "replication"}, 0.0))
    assert states()["ReplicationLag one"] == "firing"
    watch(3, (SOURCE, {"source": "replication"}, 1.0))
    assert states()["ReplicationLag one"] == "ended"


def test_what_can_be_seen_ends_though_another_source_is_blind() -> None:
    watch(0, DOWN)
    watch(1, DOWN)
    watch(2, UP, (SOURCE, {"source": "replication"}, 0.0))
    assert states()["CacheDown"] == "ended"


def test_an_alert_of_a_rule_that_is_no_more_ends() -> None:
    Alert.objects.create(rule="Gone", severity="warning", summary="x", since=START, fired_at=START)
    watch(1, (SOURCE, {"source": "replication"}, 0.0))
    assert states()["Gone"] == "ended"


def test_old_ones_are_forgotten() -> None:
    for days in (89, 91):
        Alert.objects.create(rule="CacheDown", severity="critical", summary="x", since=START - timedelta(days=days),
                             fired_at=START - timedelta(days=days), ended_at=START - timedelta(days=days))
    watch(0, UP)
    assert Alert.objects.count() == 1
