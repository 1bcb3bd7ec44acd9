"""`manage.py relay_invalidations`: tells the cache what changed."""

from typing import Any

from django.core.management.base import BaseCommand

from foodshare.cache.invalidation import LOOK_EVERY, Relay
from foodshare.streams.loop import stop_at_signals, until_stopped


class Command(BaseCommand):
    help = (
        "Tell the cache and every process what changed in the database, until Ctrl-C or SIGTERM. `manage.py worker` "
        "runs one; of several, one works and the others stand by. While none runs, nothing is served from the cache."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        stop = stop_at_signals()
        self.report("Telling the cache what changes; Ctrl-C stops.")
        until_stopped(Relay().work, stop, idle=LOOK_EVERY)
        self.report("Stopped.")

    def report(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
