"""Alerts, and what the doctor finds."""

from django.db.models import F
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ops.models import Alert
from ops.monitoring.dashboard.moment import Moment
from ops.monitoring.dashboard.parts import (
    CRITICAL,
    OK,
    WARNING,
    Button,
    Card,
    Cards,
    Fault,
    Note,
    Part,
    Table,
)
from ops.monitoring.dashboard.units import count
from ops.monitoring.doctor.findings import Report

MOST = 50
TONES = {"critical": CRITICAL, "warning": WARNING, "info": OK}


def severity(name: str) -> SafeString:
    return format_html('<span class="tone-{}">{}</span>', TONES.get(name, OK), name)


def alerts(moment: Moment) -> list[Part]:
    rows = Alert.objects.select_related("acknowledged_by").order_by(F("ended_at").desc(nulls_first=True), "-since")
    found = list(rows.filter(ended_at=None)[:MOST])
    ended = list(rows.exclude(ended_at=None)[:MOST])
    return [Table("Now", ["Severity", "Alert", "What", "Since (UTC)", "State"],
                  [[severity(each.severity), str(each), each.summary, f"{each.since:%Y-%m-%d %H:%M}", state(each)]
                   for each in found], empty="Nothing is wrong by the rules that the worker looks at."),
            Table("Over", ["Severity", "Alert", "What", "From", "To (UTC)"],
                  [[severity(each.severity), str(each), each.summary, f"{each.since:%Y-%m-%d %H:%M}",
                    f"{each.ended_at:%Y-%m-%d %H:%M}"] for each in ended])]


def state(alert: Alert) -> str:
    if alert.acknowledged_at:
        return f"acknowledged by {alert.acknowledged_by or 'somebody'}"
    return "fires" if alert.fired_at else "is watched"


def doctor(report: Report | None) -> list[Part]:
    """The button, and what was found if it was pressed: no page load examines anything."""
    ask = Button("Examine the database" if report is None else "Examine it again", reverse("monitoring:examine"),
                 "This takes some seconds, and changes nothing.")
    if report is None:
        return [ask]
    counts = report.counts()
    tones = {name: TONES[name] if number else "" for name, number in counts.items()}
    return [
        Cards("", [Card("checks", "Checks made", count(len(report.checks) - len(report.unjudged))),
                   *(Card(name, name.capitalize(), count(number), "", tones[name])
                     for name, number in counts.items())]),
        ask,
        *([] if report.findings else [Note("Nothing was found.", OK)]),
        *(Fault(finding, TONES[finding.severity]) for finding in report.findings),
        *(Note(f"{each.check} could not be checked: {each.reason}", WARNING) for each in report.unjudged),
    ]  # fmt: skip
