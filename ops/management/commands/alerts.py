"""`manage.py alerts`: what is wrong now, and whether people would be told."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from textwrap import indent
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ops.monitoring import snapshot
from ops.monitoring.alerts.deliver import Notice, configured, send
from ops.monitoring.alerts.listing import Line, listing
from ops.monitoring.alerts.rules import rules


class Command(BaseCommand):
    help = (
        "Tell which of the rules of ops/alerts that look at one moment hold now, the worst first, and what to do about "
        "each. `manage.py worker` looks every minute and tells people by e-mail (ALERT_EMAILS, EMAIL_URL) and webhook "
        "(ALERT_WEBHOOK_URL); `alerts test` sends a message by each of these ways. Exit code 0: nothing critical "
        "holds, or all messages were taken; 1: something does, or one was not; 2: wrong use, or no way is set."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", nargs="?", choices=["list", "test"], default="list", help="default: list")
        parser.add_argument("--json", action="store_true", help="print one JSON object for another program")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        ok = self.tell(options["json"]) if action == "test" else self.report(options["json"])
        if not ok:
            raise SystemExit(1)

    def report(self, as_json: bool) -> bool:
        lines = listing(snapshot.current().values)
        ok = all(line.severity != "critical" for line in lines)
        if as_json:
            self.stdout.write(json.dumps({"ok": ok, "alerts": [line.as_dict() for line in lines]}, indent=2))
        else:
            self.show(lines)
        return ok

    def show(self, lines: list[Line]) -> None:
        if not lines:
            self.stdout.write(f"Nothing is wrong by {len(rules())} rules.")
            return
        for line in lines:
            marks = [line.state, *(["acknowledged"] if line.acknowledged else []),
                     *(["silenced"] if line.silenced else [])]
            of = f" ({line.subject})" if line.subject else ""
            since = f" since {line.since:%Y-%m-%d %H:%M} UTC" if line.since else ""
            self.stdout.write(self.style_of(line)(f"{line.severity} {line.rule}{of}: {', '.join(marks)}{since}"))
            self.stdout.write(indent(f"{line.summary}\n{line.runbook}\n", "    "))

    def style_of(self, line: Line) -> Callable[[str], str]:
        styles: dict[str, Callable[[str], str]] = {"critical": self.style.ERROR, "warning": self.style.WARNING}
        return styles.get(line.severity, self.style.NOTICE)

    def tell(self, as_json: bool) -> bool:
        """Send a test by each way, and say how it went."""
        if not configured():
            raise CommandError("nobody would be told: set ALERT_EMAILS, or ALERT_WEBHOOK_URL", returncode=2)
        test = Notice("Test", "", "info", "This is a test: alerts of FoodShare reach you.\nNothing is wrong.",
                      datetime.now(UTC))
        failed = {way: send(way, [test]) for way in configured()}
        if as_json:
            self.stdout.write(json.dumps({"ok": not any(failed.values()), "failed": failed}, indent=2))
        for way, reason in {} if as_json else failed.items():
            self.stdout.write(f"{way}: {f'failed: {reason}' if reason else 'told'}")
        return not any(failed.values())
