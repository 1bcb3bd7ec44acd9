"""People are told by mail and by webhook, once, together, and again by a way that failed."""

import hashlib
import hmac

import pytest
from pytest_django import Settings

from ops.models import Alert
from tests.ops.alerts.figures import DOWN, UP, Given, watch
from tests.ops.alerts.listeners import Mailer, Receiver

pytestmark = pytest.mark.django_db
STREAMS: Given = ("foodshare_streams_up", {}, 0.0)
INFO: Given = ("foodshare_postgres_settings_pending_restart", {}, 1.0)


def test_one_mail_tells_of_all_that_began(mailer: Mailer) -> None:
    watch(0, DOWN, STREAMS)
    assert mailer.messages == []
    watch(1, DOWN, STREAMS)
    [message] = mailer.messages
    assert message["Subject"] == "[FoodShare] 2 firing: CacheDown, StreamsDown"
    assert message["To"] == "ada@example.org"
    assert "CRITICAL CacheDown, since " in mailer.text()
    assert "The cache's server does not answer\n" in mailer.text()
    assert "What to do: docs/runbooks/StreamsDown.md" in mailer.text()


def test_nobody_is_told_twice_but_of_the_end(mailer: Mailer) -> None:
    for minute in range(5):
        watch(minute, DOWN)
    assert len(mailer.messages) == 1
    watch(5, UP)
    watch(6, UP)
    assert [message["Subject"] for message in mailer.messages] == ["[FoodShare] 1 firing: CacheDown",
                                                                   "[FoodShare] 1 ended: CacheDown"]
    assert mailer.text().startswith("ENDED CacheDown, ")


def test_it_is_told_again_after_hours(mailer: Mailer) -> None:
    for hours in (0, 1, 3.9, 4.9):
        watch(hours * 60, DOWN)
    assert len(mailer.messages) == 1
    watch(5 * 60 + 10, DOWN)
    assert len(mailer.messages) == 2


def test_what_is_only_worth_knowing_is_not_told(mailer: Mailer) -> None:
    watch(0, INFO)
    watch(90, INFO)
    assert Alert.objects.get().fired_at
    assert mailer.messages == []


def test_the_webhook_takes_what_alertmanager_would_send(receiver: Receiver, settings: Settings) -> None:
    settings.RUNBOOKS_URL = "https://example.org/runbooks"
    watch(0, DOWN)
    watch(1, DOWN)
    watch(2, UP)
    fired, ended = receiver.bodies()
    assert (fired["version"], fired["status"], ended["status"]) == ("4", "firing", "resolved")
    [alert] = fired["alerts"]
    assert alert["labels"] == {"alertname": "CacheDown", "severity": "critical"}
    assert alert["annotations"]["summary"] == "The cache's server does not answer"
    assert alert["annotations"]["runbook_url"] == "https://example.org/runbooks/CacheDown.md"
    assert alert["endsAt"] == "0001-01-01T00:00:00Z"
    assert ended["alerts"][0]["endsAt"] > ended["alerts"][0]["startsAt"] == alert["startsAt"]
    assert ended["alerts"][0]["fingerprint"] == alert["fingerprint"]


def test_the_webhook_can_tell_who_sent_it(receiver: Receiver, settings: Settings) -> None:
    settings.ALERT_WEBHOOK_SECRET = "ours"
    watch(0, DOWN)
    watch(1, DOWN)
    [(headers, body)] = receiver.taken
    headers = {name.lower(): value for name, value in headers.items()}
    assert headers["x-foodshare-signature"] == "sha256=" + hmac.new(b"ours", body, hashlib.sha256).hexdigest()


def test_a_way_that_failed_is_taken_again_and_the_others_are_not(mailer: Mailer, receiver: Receiver) -> None:
    receiver.status = 500
    watch(0, DOWN)
    watch(1, DOWN)
    assert (len(mailer.messages), len(receiver.taken)) == (1, 0)
    assert Alert.objects.get().owed == ["webhook"]
    receiver.status = 204
    watch(2, DOWN)
    watch(3, DOWN)
    assert (len(mailer.messages), len(receiver.taken)) == (1, 1)
    assert Alert.objects.get().owed == []


def test_a_mail_server_that_refuses_hears_of_it_later(mailer: Mailer) -> None:
    mailer.refuses = True
    watch(0, DOWN)
    watch(1, DOWN)
    mailer.refuses = False
    watch(2, UP)
    assert [message["Subject"] for message in mailer.messages] == ["[FoodShare] 1 ended: CacheDown"]


def test_who_is_named_late_is_told_of_what_fires(settings: Settings, receiver: Receiver) -> None:
    url, settings.ALERT_WEBHOOK_URL = settings.ALERT_WEBHOOK_URL, ""
    for minute in (0, 1, 2):
        watch(minute, DOWN)
    settings.ALERT_WEBHOOK_URL = url
    watch(3, DOWN)
    assert [body["status"] for body in receiver.bodies()] == ["firing"]


def test_servers_that_are_gone_fail_nothing(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.ALERT_EMAILS = "127.0.0.1", 1, ["ada@example.org"]
    settings.ALERT_WEBHOOK_URL = "http://127.0.0.1:1/"
    watch(0, DOWN)
    watch(1, DOWN)
    assert Alert.objects.get().owed == ["email", "webhook"]
