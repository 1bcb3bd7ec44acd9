"""Telling people of alerts: by e-mail, and as JSON to an address, in the form of Alertmanager's webhook.

What could not be told is told by the same way a minute later; ALERT_* in the environment says whom, and how.
"""

import hashlib
import hmac
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from smtplib import SMTPException
from urllib.request import Request, urlopen

import orjson
from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F, Func, Value

from ops.models import Alert
from ops.monitoring.alerts.rules import runbook

TIMEOUT = 10.0  # seconds for the webhook's answer
STALE = timedelta(days=1)  # what could not be told for so long is not told any more
SIGNATURE = "X-FoodShare-Signature"
FAILURES = (OSError, SMTPException, HTTPException)

logger = logging.getLogger("ops.monitoring.alerts")


@dataclass(frozen=True)
class Notice:
    """What people are told of one alert."""

    rule: str
    subject: str
    severity: str
    summary: str
    since: datetime
    ended: datetime | None = None

    @property
    def title(self) -> str:
        return f"{self.rule} ({self.subject})" if self.subject else self.rule


def notice(alert: Alert) -> Notice:
    return Notice(alert.rule, alert.subject, alert.severity, alert.summary, alert.since, alert.ended_at)


def configured() -> list[str]:
    """The ways by which people are told here."""
    return [*(["email"] if settings.ALERT_EMAILS else []), *(["webhook"] if settings.ALERT_WEBHOOK_URL else [])]


def deliver() -> None:
    """Tell what is still to be told, all of it in one message by each way."""
    for way in configured():
        alerts = list(Alert.objects.filter(owed__contains=[way], notified_at__gt=datetime.now(UTC) - STALE)
                      .order_by("ended_at", "since"))
        if alerts and send(way, [notice(alert) for alert in alerts]) is None:
            told = Func(F("owed"), Value(way), function="array_remove", arity=2)
            Alert.objects.filter(pk__in=[alert.pk for alert in alerts]).update(owed=told)


def send(way: str, notices: Sequence[Notice]) -> str | None:
    """Tell by one way; the reason where it failed, which the log has too."""
    try:
        WAYS[way](notices)
    except FAILURES as error:
        logger.warning("alerts: %s could not be told: %s", way, error)
        return str(error)
    return None


def send_email(notices: Sequence[Notice]) -> None:
    EmailMessage(title(notices), "\n\n".join(map(in_words, notices)), to=settings.ALERT_EMAILS).send()


def title(notices: Sequence[Notice]) -> str:
    """As in: [FoodShare] 2 firing, 1 ended: PostgresDown, CacheDown, ReplicationLag."""
    ended = sum(each.ended is not None for each in notices)
    counts = [f"{number} {state}" for number, state in ((len(notices) - ended, "firing"), (ended, "ended")) if number]
    names = list(dict.fromkeys(each.rule for each in notices))
    return f"[FoodShare] {', '.join(counts)}: {', '.join(names[:5])}{' …' if len(names) > 5 else ''}"


def in_words(told: Notice) -> str:
    if told.ended:
        return f"ENDED {told.title}, {told.since:%Y-%m-%d %H:%M} to {told.ended:%H:%M} UTC\n{told.summary}"
    return (f"{told.severity.upper()} {told.title}, since {told.since:%Y-%m-%d %H:%M} UTC\n{told.summary}\n"
            f"What to do: {runbook(told.rule)}")


def send_webhook(notices: Sequence[Notice]) -> None:
    """POST the JSON that Alertmanager would, signed where there is a secret. Raises URLError where it is not taken."""
    body = orjson.dumps(as_alertmanager(notices))
    headers = {"Content-Type": "application/json"}
    if settings.ALERT_WEBHOOK_SECRET:
        headers[SIGNATURE] = signature(body, settings.ALERT_WEBHOOK_SECRET)
    request = Request(settings.ALERT_WEBHOOK_URL, body, headers)  # noqa: S310 - settings take http(s) only
    with urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
        answer.read()


def signature(body: bytes, secret: str) -> str:
    """What shows the receiver that the body is ours and whole."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def as_alertmanager(notices: Sequence[Notice]) -> dict[str, object]:
    status = "firing" if any(each.ended is None for each in notices) else "resolved"
    return {"version": "4", "groupKey": "foodshare", "truncatedAlerts": 0, "status": status, "receiver": "foodshare",
            "groupLabels": {}, "commonLabels": {}, "commonAnnotations": {}, "externalURL": "",
            "alerts": [as_alert(each) for each in notices]}


def as_alert(told: Notice) -> dict[str, object]:
    summary, _, description = told.summary.partition("\n")
    labels = {"alertname": told.rule, "severity": told.severity} | ({"subject": told.subject} if told.subject else {})
    return {"status": "resolved" if told.ended else "firing", "labels": labels,
            "annotations": {"summary": summary, "description": description, "runbook_url": runbook(told.rule)},
            "startsAt": told.since.isoformat(), "endsAt": told.ended.isoformat() if told.ended else NEVER,
            "generatorURL": "",
            "fingerprint": hashlib.sha256(told.title.encode()).hexdigest()[:16]}


NEVER = "0001-01-01T00:00:00Z"  # as Alertmanager says that there is no end yet
WAYS: dict[str, Callable[[Sequence[Notice]], None]] = {"email": send_email, "webhook": send_webhook}
