"""`manage.py backup_database`: takes a backup, or tells how they are."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from foodshare.progress import Bars, progress
from ops.backups.errors import BackupError, NotConfigured, NotPossible
from ops.backups.source import Source
from ops.backups.status import Status, as_dict, status
from ops.backups.store import FULL, INCREMENTAL, Backup, Store
from ops.backups.take import take

MB = 2**20


class Command(BaseCommand):
    help = (
        "Copy the database into BACKUP_DIR while it is in use: all of it, or what changed since the last backup. By "
        "itself a full backup when the last one is a week old or there is nothing to base an incremental one on "
        "(PostgreSQL 15 and 16 give full ones only), else an incremental one. Afterwards removes what BACKUP_KEEP_FULL "
        "and BACKUP_KEEP_DAYS do not ask to keep. Runs daily in the worker. May be interrupted and run again. Exit "
        "code 0: done, or with --status all is well; 1: it failed, or something is wrong; 2: wrong use."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--full", action="store_const", dest="kind", const=FULL, help="all of it")
        what.add_argument("--incremental", action="store_const", dest="kind", const=INCREMENTAL,
                          help="what changed since the last backup; fails where there is none to base it on")
        what.add_argument("--status", action="store_true", help="take none; tell what there is and what is wrong")
        parser.add_argument("--from-replica", action="store_true", help="copy from the first standby of REPLICA_URL")
        parser.add_argument("--json", action="store_true", help="print one JSON object for another program")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            source, store = Source.configured(), Store.configured()
            if options["status"]:
                self.show_status(source, store, options["json"])
            else:
                self.take(source, store, options)
        except (NotConfigured, NotPossible) as error:
            raise CommandError(str(error), returncode=2) from error
        except BackupError as error:
            raise CommandError(str(error)) from error

    def take(self, source: Source, store: Store, options: dict[str, Any]) -> None:
        with progress() as bars:
            show = Bars(bars).show
            backup, why = take(source, store, options["kind"], from_replica=options["from_replica"],
                               show=lambda step, percent: show(step, percent, 100))
        if options["json"]:
            self.stdout.write(json.dumps(asdict(backup) | {"ok": True, "note": why}, indent=2, default=str))
        else:
            self.stdout.write(f"{line(backup)} in {backup.seconds:.1f} s{f' ({why})' if why else ''}")

    def show_status(self, source: Source, store: Store, as_json: bool) -> None:
        found = status(source, store)
        if as_json:
            self.stdout.write(json.dumps(as_dict(found, store.directory), indent=2))
        else:
            self.tell(found, store)
        if found.findings:
            raise SystemExit(1)

    def tell(self, found: Status, store: Store) -> None:
        for backup in found.backups:
            self.stdout.write(line(backup))
        if found.verified:
            backup, verdict = found.verified
            self.stdout.write(f"Verified {verdict.at:%Y-%m-%d %H:%M UTC}: {backup.name}, "
                              f"{'good' if verdict.ok else 'of no use'}")
        state = "being archived" if found.slot and found.slot.active else "not being archived"
        self.stdout.write(f"The log is {state}, {found.archived / MB:.1f} MB so far; "
                          f"{found.free // MB} MB are free in {store.directory}")
        for finding in found.findings:
            self.stdout.write(self.style.ERROR(finding))


def line(backup: Backup) -> str:
    origin = ", from a standby" if backup.from_replica else ""
    return f"{backup.name}: {backup.size / MB:.1f} MB of a database of {backup.database / MB:.1f} MB{origin}"
