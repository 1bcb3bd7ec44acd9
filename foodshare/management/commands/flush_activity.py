"""`manage.py flush_activity`: writes to the database who was seen."""

from typing import Any

from django.core.management.base import BaseCommand

from foodshare.cache.behind import FLUSH_EVERY, Flusher
from foodshare.streams.loop import stop_at_signals, until_stopped


class Command(BaseCommand):
    help = (
        f"Write to the database, every {FLUSH_EVERY:.0f} seconds and in batches, when people were last seen, as the "
        "cache's server knows it, and tell that server what it forgot by a restart; until Ctrl-C or SIGTERM. "
        "`manage.py worker` runs one; several do no harm. Should the cache's server die, what it was told in these "
        "seconds is lost."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        stop = stop_at_signals()
        self.report("Writing who was seen; Ctrl-C stops after the batch in hand.")
        until_stopped(Flusher().work, stop, idle=FLUSH_EVERY)
        self.report("Stopped.")

    def report(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
