"""`manage.py benchmark`: what the platform can do here, beside the floor."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.table import Table

from foodshare.progress import Bars, progress
from ops import worker
from ops.benchmarks import delivery
from ops.benchmarks.delivery import Delivery
from ops.benchmarks.scratch import ScratchFailed


class Command(BaseCommand):
    help = (
        "Measure, in a database made for it and taken away afterwards. reputation: events a second from the outbox to "
        "the score by real relay and consumer processes, and how long an event takes; beside it the same changes of "
        "rows by plain SQL in one connection, a row at a time and by executemany, of which the faster judges. Exit "
        "code 0: every aim was reached; 1: one was not; 2: it could not be measured."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", choices=["reputation"], help="what is measured")
        for name, default, text in (
                ("events", 20_000, "of a round"), ("people", 2_000, "whom the events are about"),
                ("rounds", 3, "of which the median counts"),
                ("consumers", worker.CONSUMERS, "processes that apply events, as many as the worker runs"),
                ("rate", 500, "events a second, while the lag is measured"), ("seconds", 20, "of measuring the lag")):
            parser.add_argument(f"--{name}", type=int, default=default, metavar="N", help=f"{text} ({default:,})")
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        numbers = {name: options[name] for name in ("events", "people", "rounds", "consumers", "rate", "seconds")}
        for name, value in numbers.items():
            if value < 1:
                raise CommandError(f"--{name} {value}: must be at least 1", returncode=2)
        try:
            with progress() as bars:
                found = delivery.measure(**numbers, report=Bars(bars).show)
        except (ScratchFailed, delivery.Stuck) as error:
            raise CommandError(f"{error}", returncode=2) from error
        self.stdout.write(json.dumps(found.as_json(), indent=2) if options["json"] else as_text(found))
        if not all(found.verdicts.values()):
            raise SystemExit(1)


def as_text(found: Delivery) -> str:
    heads = ("", "events/s", "SQL a row at a time", "SQL by executemany", "share of the faster", "CPU ms an event")
    table = Table(*heads, title=(
        f"{found.events:,} events about {found.people:,} people, {found.consumers} consumer(s), one relay"))
    for number, each in enumerate(found.rounds, 1):
        table.add_row(f"round {number}", f"{each.delivered:,.0f}", f"{each.by_row:,.0f}",
                      f"{each.by_executemany:,.0f}", f"{each.share:.0%}", f"{each.cpu:.2f}")
    table.add_row("median", f"{found.delivered:,.0f}", "", "", f"{found.share:.0%}", "")
    lag = found.lag
    console = Console(width=120, highlight=False)
    with console.capture() as captured:
        console.print(table)
        console.print(f"Lag at {lag.rate} events/s, {lag.events:,} events: p50 {lag.p50:.3f} s, p99 {lag.p99:.3f} s; "
                      f"the longest wait until applied {lag.longest:.3f} s")
        for name, passed in found.verdicts.items():
            console.print(f"{'PASS' if passed else 'FAIL'}  {name}")
    return captured.get()
