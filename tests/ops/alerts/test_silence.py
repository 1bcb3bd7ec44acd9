"""Nobody is told while an alert is silenced, or again once somebody sees to it."""

from datetime import timedelta

import pytest

from ops.models import Alert, AlertSilence
from ops.monitoring.alerts.evaluate import acknowledge
from tests.factories import make_user
from tests.ops.alerts.figures import DOWN, START, UP, states, watch
from tests.ops.alerts.listeners import Mailer, Receiver

pytestmark = pytest.mark.django_db
LAGS = [("foodshare_replication_lag_seconds", {"standby": name}, 9.0) for name in ("one", "two")]


def silence(rule: str, subject: str = "", minutes: float = 60) -> None:
    AlertSilence.objects.create(rule=rule, subject=subject, reason="moving", starts_at=START,
                                ends_at=START + timedelta(minutes=minutes))


@pytest.mark.parametrize("rule", ["CacheDown", "*"])
def test_a_silenced_alert_fires_and_ends_unheard(mailer: Mailer, rule: str) -> None:
    silence(rule)
    watch(0, DOWN)
    watch(1, DOWN)
    assert states() == {"CacheDown": "firing"}
    watch(2, UP)
    assert mailer.messages == []


def test_one_that_lasts_is_told_when_the_silence_is_over(mailer: Mailer) -> None:
    silence("CacheDown", minutes=5)
    for minute in (0, 1, 4):
        watch(minute, DOWN)
    assert mailer.messages == []
    watch(5, DOWN)
    assert len(mailer.messages) == 1


def test_who_heard_of_one_before_it_was_silenced_hears_of_its_end_afterwards(receiver: Receiver) -> None:
    for minute in (0, 1):
        watch(minute, DOWN)
    AlertSilence.objects.create(rule="CacheDown", reason="moving", starts_at=START + timedelta(minutes=2),
                                ends_at=START + timedelta(days=3))
    for minute in (2, 60 * 24 * 2):
        watch(minute, UP)
    assert [body["status"] for body in receiver.bodies()] == ["firing"]
    for minute in range(2):
        watch(60 * 24 * 3 + minute, UP)
    assert [body["status"] for body in receiver.bodies()] == ["firing", "resolved"]
    assert Alert.objects.get().ended_at == START + timedelta(minutes=2)


def test_others_are_heard(mailer: Mailer) -> None:
    silence("ReplicationLag", "one")
    watch(0, *LAGS)
    watch(1, *LAGS)
    assert "ReplicationLag (two)" in mailer.text()
    assert "ReplicationLag (one)" not in mailer.text()


def test_who_sees_to_it_keeps_it_from_being_told_again(mailer: Mailer) -> None:
    watch(0, DOWN)
    watch(1, DOWN)
    person = make_user()
    assert acknowledge(Alert.objects.get(), person, START + timedelta(minutes=2))
    assert not acknowledge(Alert.objects.get(), make_user(), START + timedelta(minutes=3))
    watch(60 * 9, DOWN)
    assert len(mailer.messages) == 1
    assert Alert.objects.get().acknowledged_by == person
    watch(60 * 10, UP)
    assert mailer.messages[-1]["Subject"] == "[FoodShare] 1 ended: CacheDown"


def test_an_alert_that_ended_is_nobodys(mailer: Mailer) -> None:
    for minute, figure in enumerate((DOWN, DOWN, UP)):
        watch(minute, figure)
    assert not acknowledge(Alert.objects.get(), make_user(), START)
