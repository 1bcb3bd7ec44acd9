"""`manage.py verify_backup`: proves that what was backed up can be got back."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from foodshare.progress import Bars, progress
from ops.backups.errors import BackupError, DiskFull, NotConfigured, NotPossible
from ops.backups.source import Source
from ops.backups.store import Store
from ops.backups.verify import Verification, verify


class Command(BaseCommand):
    help = (
        "Restore the newest backup on a server of its own, recover it to the end of the archived log, and judge it: "
        "every stored file by its sum, PostgreSQL's own check of the copy, `verify_schema`, `rebuild_reputation "
        "--check`, and the rows of each table beside those of the database, if that can be reached. Prints RPO, what "
        "would have been lost had the database died when this began, and RTO, how long restoring took; both in "
        "seconds. The platform goes on meanwhile. Runs weekly in the worker. May be interrupted and run again. Exit "
        "code 0: the backup is good; 1: it is not, and what is missing or damaged is named; 2: it could not be judged."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--backup", metavar="NAME", help=(
            "this one (default: the newest of BACKUP_URL's cluster; where that cannot be asked the newest of all, and "
            "to be given where BACKUP_DIR holds those of several clusters)"))
        parser.add_argument("--json", action="store_true", help="print one JSON object for another program")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            source = Source.configured() if settings.BACKUP_URL else None
            with progress() as bars:
                show = Bars(bars).show
                found = verify(source, Store.configured(), options["backup"],
                               lambda step, percent: show(step, percent, 100))
        except (NotConfigured, NotPossible, DiskFull) as error:
            raise CommandError(str(error), returncode=2) from error
        except BackupError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(as_dict(found), indent=2))
        else:
            self.tell(found)
        if not found.ok:
            raise SystemExit(1)

    def tell(self, found: Verification) -> None:
        if found.counts:
            self.stdout.write(f"{'rows':34}{'restored':>14}{'now':>14}")
        for table, (copied, present) in found.counts.items():
            self.stdout.write(f"{table:34}{copied:>14,}{'unknown' if present is None else f'{present:,}':>14}")
        for finding in found.findings:
            self.stdout.write(self.style.ERROR(finding))
        if found.rto:
            newest = f"{found.newest:%Y-%m-%d %H:%M:%S.%f UTC}" if found.newest else "none after the backup"
            self.stdout.write(f"Newest commit restored: {newest}\nRPO {found.rpo:.1f} s, RTO {found.rto:.1f} s")
        self.stdout.write(f"{found.backup.name} is {'good' if found.ok else 'of no use as it is'}")


def as_dict(found: Verification) -> dict[str, Any]:
    return {"ok": found.ok, "backup": found.backup.name, "findings": found.findings, "rpo": found.rpo,
            "rto": found.rto, "newest": found.newest.isoformat() if found.newest else None,
            "counts": {table: {"restored": copied, "now": present}
                       for table, (copied, present) in found.counts.items()}}
