"""`manage.py consume_reputation_events`: applies what the streams deliver."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from foodshare.streams.loop import stop_at_signals, until_stopped
from foodshare.streams.server import client
from reputation.consumer import CLAIM_IDLE, Consumer

MOST_PATIENT = 86_400  # seconds


class Command(BaseCommand):
    help = (
        "Apply the events that the streams deliver, each once and in the order of its person, until Ctrl-C or SIGTERM, "
        "which wait for the events in hand. Several may run at once; what one that died had in hand is taken over by "
        "the others. An event that cannot be applied is set aside and shown in the admin. While a server is away the "
        "events wait."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--until-empty", action="store_true", help="stop when nothing is left to be delivered")
        parser.add_argument("--claim-after", type=float, default=CLAIM_IDLE, metavar="SECONDS",
                            help="take over what another consumer has had in hand for so long (default: %(default)s)")

    def handle(self, *args: Any, until_empty: bool, claim_after: float, **options: Any) -> None:
        if not 0 < claim_after <= MOST_PATIENT:
            raise CommandError(f"--claim-after {claim_after}: must be more than 0, and at most {MOST_PATIENT}",
                               returncode=2)
        stop = stop_at_signals()
        self.report("Applying events; Ctrl-C stops after those in hand.")
        until_stopped(Consumer(client(), claim_idle=claim_after).work, stop, lambda: until_empty)
        self.report("Stopped.")

    def report(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
