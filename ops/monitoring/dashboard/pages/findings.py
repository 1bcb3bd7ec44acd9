"""Alerts, and what the doctor finds."""

from django.db.models import F
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ops.models import Alert
from ops.monitoring.dashboard.moment import Moment
from ops.monitoring.dashboard.parts import CRITICAL, OK, WARNING, Button, Note, Part, Table

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


def doctor(moment: Moment) -> list[Part]:
    return [ask(), Note("Every check takes a few seconds of the server; nothing is changed.")]


def ask() -> Button:
    return Button("Examine the database", reverse("monitoring:tab", args=["doctor"]))
