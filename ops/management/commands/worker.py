"""`manage.py worker`: runs the jobs."""

import asyncio
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from foodshare.cache.warming import FILLERS
from foodshare.tasks import warm_soon
from ops import children, worker


class Command(BaseCommand):
    help = (
        "Run periodic and background jobs, a relay and consumers of the streams, and the archiving of the log for "
        "backups where BACKUP_URL is set, until Ctrl-C or SIGTERM, which wait for what is in hand. Several workers may "
        "run at once: each job and event is done by one of them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--concurrency", type=int, default=2, help="jobs at a time (default: %(default)s)")
        parser.add_argument("--no-streams", action="store_true", help="leave the streams to relay_outbox and "
                            "consume_reputation_events, run elsewhere")

    def handle(self, *args: Any, concurrency: int, no_streams: bool, **options: Any) -> None:
        if not 1 <= concurrency <= 50:
            raise CommandError(f"--concurrency {concurrency}: must be from 1 to 50", returncode=2)
        if not worker.is_ready():
            raise CommandError("the job tables are missing; run `manage.py migrate` first")
        warm_soon(*FILLERS)
        with children.kept_running(*worker.beside(streams=not no_streams)):
            asyncio.run(worker.work(concurrency, lambda: self.report(concurrency)))
        self.stdout.write("Stopped.")

    def report(self, concurrency: int) -> None:
        self.stdout.write(f"Running jobs, {concurrency} at a time; Ctrl-C stops after those in hand.")
        self.stdout.flush()
