"""`manage.py archive_wal`: keeps a copy of what the database writes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from foodshare.streams.loop import stop_at_signals, until_stopped
from ops.backups.errors import NotConfigured
from ops.backups.receiver import Receiver
from ops.backups.source import Source
from ops.backups.store import Store

LOOK_EVERY = 1.0  # seconds


class Command(BaseCommand):
    help = (
        "Receive the write-ahead log from the server (BACKUP_URL) as it is written, into BACKUP_DIR, until Ctrl-C or "
        "SIGTERM: with it a backup is recovered to any moment since. `manage.py worker` runs one; of several on the "
        "same BACKUP_DIR one works and the others stand by. A server that is away is waited for, and keeps for it what "
        "it has not received yet. Exit code 2: BACKUP_URL is not set."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            receiver = Receiver(Source.configured(), Store.configured())
        except NotConfigured as error:
            raise CommandError(str(error), returncode=2) from error
        stop = stop_at_signals()
        self.report("Archiving the WAL; Ctrl-C stops.")
        try:
            until_stopped(receiver.work, stop, idle=LOOK_EVERY)
        finally:
            receiver.stop()
        self.report("Stopped.")

    def report(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
