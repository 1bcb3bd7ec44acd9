"""`manage.py decay_reputation`: what inactivity takes, appended to the outbox."""

import argparse
import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from reputation.decay import Decayed, decay


def moment(text: str) -> datetime:
    """Parse a time; without an offset it is UTC."""
    try:
        value = datetime.fromisoformat(text)
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"{text!r} is no time such as 2026-11-30 or 2026-11-30T04:00") from None


class Command(BaseCommand):
    help = (
        "Append an event to the outbox for every step of inactivity that is due: after 30, 60, 90 and 180 days without "
        "an activity of one's own. The events then go the way of all others. Nothing is appended twice, so it may be "
        "interrupted and run again. Runs nightly in the worker. Exit code 0: done; 2: wrong use."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--at", type=moment, metavar="TIME", help=(
            "the time to do it for, in UTC (default: now); a future one only with --dry-run"))
        parser.add_argument("--dry-run", action="store_true", help="count what is due; append nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object for another program")

    def handle(self, *args: Any, **options: Any) -> None:
        now = datetime.now(UTC)
        at = options["at"] or now
        if at > now and not options["dry_run"]:
            raise CommandError(f"{at:%Y-%m-%dT%H:%M} is in the future, where people may be active yet: add --dry-run",
                               returncode=2)
        done = self.run(at, options["dry_run"])
        if options["json"]:
            self.stdout.write(json.dumps({"at": at.isoformat(), "dry_run": options["dry_run"], **asdict(done)}))
        else:
            would = "to append" if options["dry_run"] else "appended"
            self.stdout.write(f"{done.events:,} events {would}, for {done.people:,} people; {done.memos:,} memos made")

    def run(self, at: datetime, dry_run: bool) -> Decayed:
        columns = (SpinnerColumn(), TextColumn("{task.completed:,.0f} people"), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("people", total=None)
            return decay(at, dry_run=dry_run, between=lambda people: bar.advance(task, people))
