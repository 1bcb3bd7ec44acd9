"""What runs now, and the way to end it. Statements are shown without their values, which are people's."""

from django.db import connections
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ops.monitoring.dashboard import cancelling
from ops.monitoring.dashboard.moment import Moment
from ops.monitoring.dashboard.parts import Card, Cards, Part, Table, tone
from ops.monitoring.dashboard.texts import code
from ops.monitoring.dashboard.units import count, duration
from ops.monitoring.sources.activity import Session, running


def page(moment: Moment, may_cancel: bool) -> list[Part]:
    sessions = running(connections["owner"])
    superusers = cancelling.superusers(connections["owner"]) if may_cancel else set()
    waiting = [session for session in sessions if session.blocked_by]
    oldest = max((session.transaction_seconds or 0 for session in sessions), default=0)
    return [
        Cards("", [
            Card("sessions", "Not idle", count(len(sessions))),
            Card("blocked", "Blocked", count(len(waiting)), "wait for another's lock", tone(len(waiting), 1, 10)),
            Card("oldest", "Oldest transaction", duration(oldest), "", tone(oldest, 120, 1800)),
        ]),
        Table("Sessions", ["Process", "", "Runs for", "Transaction", "Statement", "State", "Waits for", "Blocked by",
                           "Who"],
              [[session.pid, link_to_cancel(session) if may_cancel and session.user not in superusers else "",
                duration(session.seconds), duration(session.transaction_seconds), code(session.query), session.state,
                session.wait, ", ".join(map(str, session.blocked_by)), who(session)]
               for session in sessions], (0, 2, 3), "Values are left out of statements.",
              "Nothing runs but this page."),
    ]  # fmt: skip


def who(session: Session) -> str:
    return f"{session.user} · {session.application}" if session.application else session.user


def link_to_cancel(session: Session) -> str | SafeString:
    """What runs can be cancelled, and a session that waits for its client within a transaction can be ended."""
    if session.state not in (cancelling.ACTIVE, *cancelling.IDLE):
        return ""
    return format_html('<a href="{}">{}</a>', reverse("monitoring:cancel", args=[session.pid]),
                       "End…" if session.state in cancelling.IDLE else "Cancel…")
