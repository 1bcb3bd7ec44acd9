"""Operators see to alerts and silence them; each of these is in the log of the admin."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from foodshare.models import User
from ops.models import Alert, AlertSilence
from tests.admin.acting import decide, page, told
from tests.admin.rows import url
from tests.factories import later

pytestmark = pytest.mark.django_db


def make_alert(rule: str = "CacheDown", **fields: object) -> Alert:
    return Alert.objects.create(**{"rule": rule, "severity": "critical", "summary": "Away.\nVery.",
                                   "fired_at": later()} | fields)


def make_silence(**fields: object) -> AlertSilence:
    return AlertSilence.objects.create(**{"rule": "CacheDown", "reason": "moving", "starts_at": later(hours=-1),
                                          "ends_at": later(hours=1)} | fields)


def silence(client: Client, **changes: str) -> int:
    form = {"rule": "CacheDown", "subject": "", "reason": "moving house", "starts_at_0": "2026-11-23",
            "starts_at_1": "10:00:00", "ends_at_0": "2026-11-23", "ends_at_1": "12:00:00"} | changes
    return int(client.post(url(AlertSilence, "add"), form).status_code)


def test_what_is_wrong_now_comes_before_what_was(operator_client: Client) -> None:
    make_alert("PoolWaiting")
    for number in range(3):
        make_alert(f"Ended{number}", ended_at=later())
    html = operator_client.get(url(Alert, "changelist")).content.decode()
    places = [html.index(f">{rule}<") for rule in ("PoolWaiting", "Ended2", "Ended1", "Ended0")]
    assert places == sorted(places)


@pytest.mark.parametrize(("state", "shown"), [
    ("firing", {"PoolWaiting", "Deadlocks"}), ("unseen", {"PoolWaiting"}), ("pending", {"DiskLow"}),
    ("ended", {"CacheDown"})])
def test_alerts_of_one_state(operator_client: Client, state: str, shown: set[str]) -> None:
    make_alert("PoolWaiting")
    make_alert("Deadlocks", acknowledged_at=later())
    make_alert("DiskLow", fired_at=None)
    make_alert("CacheDown", ended_at=later())
    html = operator_client.get(url(Alert, "changelist"), {"state": state}).content.decode()
    assert {rule for rule in ("PoolWaiting", "Deadlocks", "DiskLow", "CacheDown") if f">{rule}<" in html} == shown


def test_an_operator_sees_to_an_alert(operator_client: Client, operator: User) -> None:
    alert = make_alert()
    decide(operator_client, "acknowledge", alert)
    alert.refresh_from_db()
    assert alert.acknowledged_by == operator
    assert alert.acknowledged_at is not None
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id, entry.change_message) == (operator, str(alert.pk), "Acknowledged.")


def test_what_somebody_sees_to_or_has_ended_is_refused(operator_client: Client) -> None:
    for alert in (make_alert(acknowledged_at=later()), make_alert("DiskLow", ended_at=later())):
        answer = decide(operator_client, "acknowledge", alert)
        assert "It has ended, or somebody sees to it already." in told(answer)[0]
    assert not LogEntry.objects.exists()


def test_its_own_page_offers_it_while_it_is_open(operator_client: Client) -> None:
    for alert, offered in ((make_alert(), True), (make_alert("DiskLow", ended_at=later()), False)):
        html = operator_client.get(url(Alert, "change", alert.pk)).content.decode()
        assert (page(alert, "acknowledge") in html) == offered


def test_an_operator_silences_an_alert(operator_client: Client, operator: User) -> None:
    assert silence(operator_client) == 302
    silence_made = AlertSilence.objects.get()
    assert (silence_made.rule, silence_made.reason, silence_made.created_by) == ("CacheDown", "moving house", operator)
    assert silence_made.ends_at - silence_made.starts_at == timedelta(hours=2)
    assert LogEntry.objects.get().object_id == str(silence_made.pk)


@pytest.mark.parametrize("changes", [{"ends_at_1": "09:00:00"}, {"rule": "NoSuchRule"}, {"reason": ""}], ids=str)
def test_a_silence_that_makes_no_sense_is_refused(operator_client: Client, changes: dict[str, str]) -> None:
    assert silence(operator_client, **changes) == 200
    assert not AlertSilence.objects.exists()


def test_an_operator_ends_a_silence(operator_client: Client) -> None:
    row = make_silence()
    decide(operator_client, "end", row)
    row.refresh_from_db()
    assert row.ends_at <= timezone.now()
    assert LogEntry.objects.get().change_message == "Ended."
    assert "It has ended" in told(decide(operator_client, "end", row))[-1]


def test_others_may_not(moderator_client: Client, support_client: Client) -> None:
    alert, row = make_alert(), make_silence()
    for client in (moderator_client, support_client):
        assert silence(client) == 403
        assert client.post(page(alert, "acknowledge"), {"_confirmed": "1"}).status_code == 403
        assert client.post(page(row, "end"), {"_confirmed": "1"}).status_code == 403
    alert.refresh_from_db()
    assert alert.acknowledged_at is None
