"""`manage.py consume_reputation_events`: applies what the streams deliver."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from foodshare.streams.loop import stop_at_signals, until_stopped
from foodshare.streams.server import client
from reputation.consumer import Consumer


class Command(BaseCommand):
    help = (
        "Apply the events that the streams deliver, each once and in the order of its person, until Ctrl-C or SIGTERM, "
        "which wait for the events in hand. Several may run at once; what one that died had in hand is taken over by "
        "the others. An event that cannot be applied is set aside and shown in the admin. While a server is away the "
        "events wait."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--until-empty", action="store_true", help="stop when nothing is left to be delivered")

    def handle(self, *args: Any, until_empty: bool, **options: Any) -> None:
        stop = stop_at_signals()
        self.report("Applying events; Ctrl-C stops after those in hand.")
        until_stopped(Consumer(client()).work, stop, until_empty=until_empty)
        self.report("Stopped.")

    def report(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
