"""`manage.py restore_database`: the database as it was, in a directory of its own."""

import argparse
import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from foodshare.progress import Bars, progress
from ops.backups.errors import BackupError, NotPossible
from ops.backups.restore import Restored, restore
from ops.backups.store import Store
from ops.servers.state import load

LATEST = "latest"


def moment(text: str) -> datetime | None:
    """Parse a time of ISO 8601, of UTC where it names no zone; None for `latest`."""
    if text == LATEST:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no time such as 2026-11-30T14:05:09Z, nor {LATEST}") from None
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    if found > datetime.now(UTC):
        raise argparse.ArgumentTypeError(f"{text} is in the future")
    return found


class Command(BaseCommand):
    help = (
        "Restore the database as it was at a moment into a directory of its own, from the backups in BACKUP_DIR and "
        "the log archived since: what was committed by then is there, and nothing later. Never over a database: the "
        "directory must be empty or not be there yet. Every stored file is checked. Prints how to start and use what "
        "was restored. Needs no running server. May be interrupted and run again. Exit code 0: done; 1: something is "
        "missing or damaged, and named; 2: wrong use."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", type=moment, default=LATEST, metavar="TIME", help=(
            f"the moment, as in 2026-11-30T14:05:09.5Z (UTC unless it names a zone), or `{LATEST}`, the default: the "
            "end of what was archived"))
        parser.add_argument("--into", type=Path, required=True, metavar="DIR", help="the data directory to make")
        parser.add_argument("--backup", metavar="NAME", help=(
            "begin with this backup (default: the newest that can; to be given where BACKUP_DIR holds those of several "
            "clusters)"))
        parser.add_argument("--timeline", type=int, metavar="N", help=(
            "follow the log to this timeline, where the server went another way since: a copy restored to the past was "
            "put in service, or a standby took over (default: the newest)"))
        parser.add_argument("--json", action="store_true", help="print one JSON object for another program")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with progress() as bars:
                show = Bars(bars).show
                done = restore(Store.configured(), options["into"], options["to"], options["backup"],
                               options["timeline"], lambda step, percent: show(step, percent, 100))
        except NotPossible as error:
            raise CommandError(str(error), returncode=2) from error
        except BackupError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(as_dict(done), indent=2))
        else:
            self.tell(done, options["to"])
        if done.fault:
            raise SystemExit(1)

    def tell(self, done: Restored, until: datetime | None) -> None:
        newest = f"{done.reached.newest:%Y-%m-%d %H:%M:%S.%f UTC}" if done.reached.newest else "none after the backup"
        self.stdout.write(f"Restored from {done.backup.name} into {done.directory}.\nNewest commit in it: {newest}.")
        if done.forks:
            self.stdout.write(f"It is of timeline {done.timeline}: {'; '.join(done.forks)}. What another went on to "
                              "commit is not in it, and restored with --timeline.")
        if until and not done.reached.target_reached:
            self.stdout.write(f"Nothing was archived between then and {until:%Y-%m-%d %H:%M:%S %Z}.")
        if done.fault:
            self.stdout.write(self.style.ERROR(f"Not all of the log could be restored: {done.fault}"))
        self.stdout.write(f"\nLook at it beside the present one, on port 25432:\n  {done.start}")
        if settings.EMBEDDED_SERVERS and (state := load(settings.FOODSHARE_DATA_DIR)):
            self.stdout.write(
                "\nOr have it take the present one's place (another backup follows by itself). End quickstart, or "
                "serve and worker, first: they would start the present one again.\n"
                f"  manage.py servers stop\n  mv {state.home}/primary {state.home}/primary.before\n"
                f"  mv {done.directory} {state.home}/primary\n  manage.py servers start")


def as_dict(done: Restored) -> dict[str, Any]:
    newest = done.reached.newest
    return {"ok": not done.fault, "directory": str(done.directory), "backup": done.backup.name, "fault": done.fault,
            "timeline": done.timeline, "forks": done.forks, "start": done.start, **asdict(done.reached),
            "newest": newest.isoformat() if newest else None}
