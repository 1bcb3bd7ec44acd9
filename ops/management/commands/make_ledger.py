"""`manage.py make_ledger`: people with a long history of reputation, to measure with."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from foodshare.progress import Bars, progress
from ops.benchmarks.ledger import LedgerInUse, make


class Command(BaseCommand):
    help = (
        "Add people and events of reputation drawn by chance, with the live rows and memos that belong to them, to "
        "measure with: never on a platform in use. Runs as the owner role. `manage.py rebuild_reputation --check` "
        "then finds no difference."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--people", type=int, default=100_000, metavar="N", help="how many (100,000)")
        parser.add_argument("--events", type=int, default=1_000_000, metavar="N", help="of all of them (1,000,000)")
        parser.add_argument("--append", action="store_true", help="add to a ledger that has events already")

    def handle(self, *args: Any, **options: Any) -> None:
        for name in ("people", "events"):
            if options[name] < 1:
                raise CommandError(f"--{name} must be at least 1", returncode=2)
        try:
            with progress() as bars:
                make(options["people"], options["events"], Bars(bars).show, append=options["append"])
        except LedgerInUse:
            raise CommandError("the ledger has events already; with --append more are added", returncode=2) from None
