"""`manage.py maintain_partitions`: partitions ahead of need, and none past their time."""

import argparse
import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from rich.console import Console
from rich.progress import track

from ops.partitions import Outcome, maintain
from ops.partitions.errors import PartitionError
from ops.partitions.steps import Step

HORIZON = timedelta(days=3653)  # further away a date is taken for a slip of the pen


def day(text: str) -> date:
    """Parse a date within ten years."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date such as 2026-11-30") from None
    if abs(found - datetime.now(UTC).date()) > HORIZON:
        raise argparse.ArgumentTypeError(f"{found} is more than ten years away")
    return found


def refuse_harm(at: date, today: date) -> None:
    """Refuse to do for another day what would harm this one."""
    if at < today:
        raise CommandError(f"for {at}, which is past, partitions would be made that leave a gap up to the present: "
                           "add --dry-run", returncode=2)
    if at > today and any(keep is not None for keep in settings.PARTITION_KEEP.values()):
        raise CommandError(f"for {at} partitions that are still in use would be detached, as the settings limit how "
                           "long they are kept: add --dry-run", returncode=2)


class Command(BaseCommand):
    help = (
        "Make the partitions of messages (by month), status updates (by week) and forum posts (by category and month) "
        "that are missing from now on to 3 months, or 8 weeks, ahead; detach, or archive and drop, those past their "
        "time (MESSAGES_KEEP_MONTHS, STATUS_UPDATES_KEEP_WEEKS, FORUM_POSTS_KEEP_MONTHS, PARTITIONS_PAST). Readers "
        "and writers go on: no step waits more than 0.3 s for a lock before it lets them pass and tries again. Prints "
        "its plan, + for what is made and - for what goes, then what is wrong in the end (with --dry-run: now): a gap "
        "between partitions, bounds that do not fit a name, a table that should be attached, a default partition, "
        "fewer than two future partitions, too many. May be interrupted and run again. Runs daily in the worker. "
        "Exit code 0: all is well; 1: something is not, or a step failed; 2: wrong use."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="print the plan and the findings; change nothing")
        parser.add_argument("--at", type=day, metavar="DATE", help=(
            "the day to do it for (default: today, in UTC); a past day, and with a retention set a future one, only "
            "with --dry-run"))
        parser.add_argument("--json", action="store_true", help="print one JSON object for another program")

    def handle(self, *args: Any, **options: Any) -> None:
        at = options["at"] or datetime.now(UTC).date()
        if not options["dry_run"]:
            refuse_harm(at, datetime.now(UTC).date())
        show = list if options["json"] else self.show
        try:
            outcome = maintain(connections["owner"], at, dry_run=options["dry_run"], track=show)
        except PartitionError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError("interrupted; run it again to go on", returncode=130) from None
        if options["json"]:
            self.stdout.write(json.dumps(as_dict(outcome, at, options["dry_run"]), indent=2))
        else:
            self.conclude(outcome, options["dry_run"])
        if outcome.failures or outcome.findings:
            raise SystemExit(1)

    def show(self, steps: list[Step]) -> Iterable[Step]:
        """Print the plan, and how far it is while it is being done."""
        for step in steps:
            self.stdout.write(str(step))
        return track(steps, "Partitions", console=Console(stderr=True), transient=True)

    def conclude(self, outcome: Outcome, dry_run: bool) -> None:
        for finding in (*outcome.failures, *outcome.findings):
            self.stdout.write(self.style.ERROR(str(finding)))
        done = len(outcome.steps) - len(outcome.failures)
        summary = f"{len(outcome.steps)} steps to take" if dry_run else f"{done} of {len(outcome.steps)} steps done"
        faults = len(outcome.findings)
        self.stdout.write(f"{summary if outcome.steps else 'nothing to do'}; "
                          f"{f'{faults} findings' if faults else 'no findings'}")


def as_dict(outcome: Outcome, at: date, dry_run: bool) -> dict[str, object]:
    return {"ok": not (outcome.failures or outcome.findings), "at": str(at), "dry_run": dry_run,
            "plan": [str(step) for step in outcome.steps],
            "failures": [vars(failure) for failure in outcome.failures],
            "findings": [vars(finding) for finding in outcome.findings]}
