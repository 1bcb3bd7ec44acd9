"""`manage.py relay_outbox`: publishes what happened."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from foodshare.streams.loop import stop_at_signals, until_stopped
from foodshare.streams.relay import Relay, all_published
from foodshare.streams.server import client


class Command(BaseCommand):
    help = (
        "Publish the events of the outbox to the streams until Ctrl-C or SIGTERM, which wait for the batch in hand. "
        "Events whose entries were lost are published again, and entries that every consumer group has acknowledged "
        "are dropped. Several may run at once. While a server is away the events wait in the outbox."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--until-empty", action="store_true", help="stop when every event has been published")

    def handle(self, *args: Any, until_empty: bool, **options: Any) -> None:
        stop = stop_at_signals()
        self.report("Publishing the outbox; Ctrl-C stops after the batch in hand.")
        until_stopped(Relay(client()).work, stop, lambda: until_empty and all_published())
        self.report("Stopped.")

    def report(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
