"""What is wrong now, since when, and whom that must be told: the state of alerts, kept by the worker each minute.

An alert is pending while its rule has not held for long enough, then it fires, and ends when the rule holds no longer.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q

from foodshare.models import User
from ops.models import Alert, AlertSilence
from ops.monitoring.alerts.rules import Labels, Rule, Values, render, rules
from ops.monitoring.snapshot import Snapshot

TOLD = ("warning", "critical")  # what people are told of; the rest is shown
KEPT = timedelta(days=90)  # for which ended alerts are remembered
SLACK = timedelta(seconds=30)  # half of the time between two looks: that counts which is nearest to a rule's time
LOCK = 0x616C657274  # of whoever evaluates


@dataclass(frozen=True)
class Finding:
    """A rule that holds of some labels."""

    rule: Rule
    labels: dict[str, str]
    value: float

    @property
    def key(self) -> tuple[str, str]:
        return self.rule.name, subject(self.labels)

    @property
    def text(self) -> str:
        """The summary, and below it what it means."""
        return "\n".join(render(text, self.labels, self.value) for text in (self.rule.summary, self.rule.description))


def subject(labels: dict[str, str]) -> str:
    return ", ".join(labels[label] for label in sorted(labels))[:200]


def findings(values: Values) -> Iterator[Finding]:
    """All that is wrong by these figures."""
    for rule in rules():
        for labels, value in rule.of(values).items():
            yield Finding(rule, dict(labels), value)


@transaction.atomic
def evaluate(snapshot: Snapshot, now: datetime, ways: list[str]) -> None:
    """Bring alerts up to date with the figures, and note of which people must be told by these ways."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])  # several workers may run
    silences = list(AlertSilence.objects.filter(starts_at__lte=now, ends_at__gt=now))
    gone = {(alert.rule, alert.subject): alert for alert in Alert.objects.filter(ended_at=None)}
    for finding in findings(snapshot.values):
        alert = gone.pop(finding.key, None) or Alert(rule=finding.rule.name, subject=finding.key[1], since=now)
        note(alert, finding, now)
        if ways and is_due(alert, silences, now):
            alert.owed, alert.notified_at = ways, now
        alert.save()
    for alert in gone.values():
        if not is_unknown(alert, snapshot):
            end(alert, now)
    tell_ends(silences, now, ways)
    Alert.objects.filter(ended_at__lt=now - KEPT).delete()


def note(alert: Alert, finding: Finding, now: datetime) -> None:
    """What is known of an alert now."""
    alert.severity, alert.summary, alert.value = finding.rule.severity, finding.text, finding.value
    if alert.fired_at is None and now - alert.since > finding.rule.hold - SLACK:
        alert.fired_at = now


def is_due(alert: Alert, silences: list[AlertSilence], now: datetime) -> bool:
    """Whether people must be told that it fires, for the first time or again."""
    if alert.fired_at is None or alert.acknowledged_at or alert.severity not in TOLD or is_silenced(alert, silences):
        return False
    return alert.notified_at is None or now - alert.notified_at >= settings.ALERT_REPEAT


def is_silenced(alert: Alert, silences: list[AlertSilence]) -> bool:
    return any(silence.rule in (alert.rule, "*") and silence.subject in ("", alert.subject) for silence in silences)


def is_unknown(alert: Alert, snapshot: Snapshot) -> bool:
    """Whether its figure is missing while some source cannot be read: then nobody can say that it has ended."""
    rule = next((rule for rule in rules() if rule.name == alert.rule), None)
    if rule is None or all(sample.value for sample in snapshot.series("foodshare_source_up")):
        return False
    seen: dict[Labels, float] = rule.comparisons[0].figure.of(snapshot.values)
    return alert.subject not in {subject(dict(labels)) for labels in seen}


def end(alert: Alert, now: datetime) -> None:
    """Forget one that never fired."""
    if alert.fired_at is None:
        alert.delete()
        return
    alert.ended_at, alert.owed = now, []
    alert.save()


def tell_ends(silences: list[AlertSilence], now: datetime, ways: list[str]) -> None:
    """Note that people must be told of what ended after they last heard of it, once it is not silenced."""
    for alert in Alert.objects.filter(notified_at__lt=F("ended_at")):
        if not is_silenced(alert, silences):
            alert.owed, alert.notified_at = ways, now
            alert.save()


def acknowledge(alert: Alert, person: User, now: datetime) -> bool:
    """Have nobody told again that it fires, as this person sees to it; False where it has ended or somebody did."""
    return bool(Alert.objects.filter(Q(pk=alert.pk), acknowledged_at=None, ended_at=None)
                .update(acknowledged_at=now, acknowledged_by=person))
