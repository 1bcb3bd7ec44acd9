"""What is wrong now, for `manage.py alerts`, whether or not a worker keeps watch."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import OperationalError
from django.db.models import Q

from ops.models import Alert, AlertSilence
from ops.monitoring.alerts.evaluate import Finding, findings, is_silenced
from ops.monitoring.alerts.rules import Values, runbook

SEVERITIES = ("critical", "warning", "info")


@dataclass(frozen=True)
class Line:
    """A rule that holds now. It fires once a worker has seen it hold for long enough, else it is pending."""

    rule: str
    subject: str
    severity: str
    state: str
    summary: str
    value: float
    since: datetime | None
    acknowledged: bool
    silenced: bool
    runbook: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"since": self.since and self.since.isoformat()}


def listing(values: Values) -> list[Line]:
    """The worst first."""
    known, silences = remembered()
    lines = [line(finding, known.get(finding.key), silences) for finding in findings(values)]
    return sorted(lines, key=lambda each: (SEVERITIES.index(each.severity), each.state, each.rule, each.subject))


def remembered() -> tuple[dict[tuple[str, str], Alert], list[AlertSilence]]:
    """What the worker keeps; nothing where the database is away, of which the figures tell."""
    now = datetime.now(UTC)
    try:
        alerts = {(alert.rule, alert.subject): alert for alert in Alert.objects.filter(ended_at=None)}
        return alerts, list(AlertSilence.objects.filter(Q(starts_at__lte=now), ends_at__gt=now))
    except OperationalError:
        return {}, []


def line(finding: Finding, alert: Alert | None, silences: list[AlertSilence]) -> Line:
    shown = alert or Alert(rule=finding.rule.name, subject=finding.key[1])
    return Line(*finding.key, finding.rule.severity, "firing" if shown.fired_at else "pending", finding.text,
                finding.value, alert.since if alert else None, shown.acknowledged_at is not None,
                is_silenced(shown, silences), runbook(finding.rule.name))
