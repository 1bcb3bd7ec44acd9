"""`manage.py benchmark`: what the platform can do here, beside the floor."""

import json
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from math import inf
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.table import Table

from foodshare.progress import Bars, progress
from ops import worker
from ops.benchmarks import delivery, monitoring
from ops.benchmarks.cache import measure as cache
from ops.benchmarks.cache.measure import Measured, Sizes
from ops.benchmarks.cache.place import Report
from ops.benchmarks.delivery import Delivery
from ops.benchmarks.keeper import NotKept
from ops.benchmarks.replica import measure as replica
from ops.benchmarks.replica.conditions import CHOICES
from ops.benchmarks.replica.people import Refused
from ops.benchmarks.scratch import ScratchFailed
from ops.children import ChildFailed
from ops.servers import ServersError

REPUTATION = (
    "Events a second from the outbox to the score by real relay and consumer processes, and how long an event takes; "
    "beside it the same changes of rows by plain SQL in one connection, a row at a time and by executemany, of which "
    "the faster judges."
)
CACHE = (
    "The cache beside bare django-redis, with processes, a relay and a Valkey of its own: hit rate, reads a second, "
    "stampede, invalidation, staleness while the standby is late, and Valkey away. For staleness the embedded standby, "
    "which the whole site reads, replays late for as long as that is measured."
)
REPLICA = (
    "What people see over HTTP who write and read with several programs each, while standbys are late, paused and "
    "killed: their own writes missing, reads that go back in time, the share of reads on standbys, and how long they "
    "take; beside it the primary only, and blind routing with a pin of two seconds. All servers are its own."
)
MONITORING = (
    "What counting requests and their statements costs: CPU time of a web process per request, with it and without, in "
    "interleaved rounds; beside it the CPU time of a scrape of /metrics."
)
NUMBERS: dict[str, tuple[tuple[str, float, str], ...]] = {
    "reputation": (
        ("events", 20_000, "of a round"), ("people", 2_000, "whom the events are about"),
        ("rounds", 3, "of which the median counts"),
        ("consumers", worker.CONSUMERS, "processes that apply events, as many as the worker runs"),
        ("rate", 500, "events a second, while the lag is measured"), ("seconds", 20, "of measuring the lag")),
    "cache": (
        ("people", 5_000, "whose profiles are read"), ("processes", 4, "that read and write"),
        ("rounds", 3, "of each part, of which the median counts"),
        ("threads", 2, "of each process, for the hit rate"), ("requests", 1_500, "of each thread in a round, for it"),
        ("exponent", 1.0, "of the zipf distribution by which profiles are read and written"),
        ("writes", 0.1, "their share of these requests"),
        ("reads", 10_000, "of each kind, for reads a second"), ("stampede", 200, "threads that want one value"),
        ("probes", 300, "writes of a round whose invalidation is timed"),
        ("rate", 150, "writes a second by others meanwhile, and of the races"),
        ("races", 100_000, "reads that race with writes"), ("keys", 200, "profiles that these are about"),
        ("late", 2.0, "seconds that the standby is behind in the races"),
        ("seconds", 5.0, "of each state of Valkey")),
    "replica": (
        ("seconds", 6.0, "of each condition of the standbys"), ("people", 5, "who write and read"),
        ("programs", 2, "of each person, with a token of its own"), ("writes", 0.1, "their share of what people do"),
        ("pause", 0.05, "seconds between two things that a program does, on the average"),
        ("rate", 500, "commits a second by others, for the replication lag")),
    "monitoring": (
        ("rounds", 20, "of which the median counts"), ("requests", 30, "of each endpoint in a round, each way")),
}
LEAST: dict[str, dict[str, float]] = {
    "reputation": {},
    "cache": {"processes": 2, "people": 100, "exponent": 0, "writes": 0, "late": 0.1, "seconds": 0.1},
    "replica": {"seconds": 0.5, "people": 2, "writes": 0.01, "pause": 0.001},
    "monitoring": {},
}


WIDTH = 120  # of what is printed
Found = Delivery | Measured | replica.Measured | monitoring.Overhead


class Command(BaseCommand):
    help = (
        "Measure, in a database made for it and taken away afterwards. Exit code 0: every aim was reached; 1: one was "
        "not; 2: it could not be measured."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        names = parser.add_subparsers(dest="name", required=True, metavar="NAME")
        added = {}
        for name, text in (("reputation", REPUTATION), ("cache", CACHE), ("replica", REPLICA),
                           ("monitoring", MONITORING)):
            added[name] = names.add_parser(name, help=text, description=text)
            for number, default, meaning in NUMBERS[name]:
                added[name].add_argument(f"--{number}", type=type(default), default=default, metavar="N",
                                         help=f"{meaning} ({default:,})")
            forms = added[name].add_mutually_exclusive_group()
            forms.add_argument("--json", action="store_true", help="print the report as JSON")
            if name != "reputation":
                forms.add_argument("--markdown", action="store_true", help="print the report as Markdown")
        add_choices(added["cache"], "only", cache.PARTS, cache.PARTS, "measure these parts only")
        add_choices(added["replica"], "routing", [*replica.ROUTINGS], ["causal", "primary", "pinned"],
                    "measure these ways; the first in this order is judged")
        add_choices(added["replica"], "cache", [*replica.CACHES], [*replica.CACHES], "with the cache, without it")
        add_choices(added["replica"], "conditions", CHOICES, CHOICES, "of the standbys")

    def handle(self, *args: Any, **options: Any) -> None:
        numbers = {number: options[number] for number, _, _ in NUMBERS[options["name"]]}
        check(numbers, LEAST[options["name"]])
        try:
            with progress() as bars:
                found = measured(options, numbers, Bars(bars).show)
        except (ScratchFailed, ServersError, delivery.Stuck, BrokenProcessPool, TimeoutError, NotKept, ChildFailed,
                Refused) as error:
            raise CommandError(f"{error}", returncode=2) from error
        self.stdout.write(as_json(found) if options["json"] else as_text(found, options.get("markdown", False)))
        if found.exit_code:
            raise SystemExit(found.exit_code)


def add_choices(parser: ArgumentParser, name: str, choices: Sequence[str], default: Sequence[str], text: str) -> None:
    parser.add_argument(f"--{name}", nargs="+", choices=choices, default=default, metavar=name.upper(),
                        help=f"{text}, of {', '.join(choices)}")


def measured(options: Mapping[str, Any], numbers: Mapping[str, Any], show: Report) -> Found:
    match options["name"]:
        case "reputation":
            return delivery.measure(**numbers, report=show)
        case "cache":
            return cache.measure(Sizes(**numbers), options["only"], show)
        case "monitoring":
            return monitoring.measure(**numbers, report=show)
        case _:
            return replica.measure(replica.Sizes(**numbers), options["routing"], options["cache"],
                                   options["conditions"], show)


def check(numbers: Mapping[str, float], leasts: Mapping[str, float]) -> None:
    """Raises CommandError for a number that is too small, or too few people for what is to be done with them."""
    for name, value in numbers.items():
        least = leasts.get(name, 1)
        if not least <= value < inf:
            raise CommandError(f"--{name} {value}: must be at least {least:g}", returncode=2)
    needed = max(2 * numbers.get("probes", 0) * numbers.get("rounds", 0), numbers.get("keys", 0))
    if numbers.get("people", inf) < needed:
        raise CommandError(f"--people {numbers['people']}: must be at least {needed}, for so many probes in so many "
                           "rounds and so many keys", returncode=2)


def as_json(found: Found) -> str:
    return json.dumps(found.as_json(), indent=2)


def as_text(found: Found, markdown: bool) -> str:
    """Tables and verdicts, or, as Markdown, the tables only."""
    if markdown and not isinstance(found, Delivery):
        return "\n".join(sheet.as_markdown() for sheet in found.sheets)
    console = Console(width=WIDTH, highlight=False)
    with console.capture() as captured:
        if isinstance(found, Delivery):
            print_delivery(console, found)
        else:
            print_sheets(console, found)
        for name, passed in found.verdicts.items():
            console.print(f"{'PASS' if passed else 'FAIL'}  {name}")
    return captured.get()


def print_sheets(console: Console, found: Measured | replica.Measured | monitoring.Overhead) -> None:
    for sheet in found.sheets:
        sheet.print(console)
    for reason in found.reasons:
        console.print(f"NOT JUDGED  {reason}")
    for fault in found.faults if isinstance(found, replica.Measured) else []:
        console.print(f"SEEN  {fault}")


def print_delivery(console: Console, found: Delivery) -> None:
    heads = ("", "events/s", "SQL a row at a time", "SQL by executemany", "share of the faster", "CPU ms an event")
    table = Table(*heads, title=(
        f"{found.events:,} events about {found.people:,} people, {found.consumers} consumer(s), one relay"))
    for number, each in enumerate(found.rounds, 1):
        table.add_row(f"round {number}", f"{each.delivered:,.0f}", f"{each.by_row:,.0f}",
                      f"{each.by_executemany:,.0f}", f"{each.share:.0%}", f"{each.cpu:.2f}")
    table.add_row("median", f"{found.delivered:,.0f}", "", "", f"{found.share:.0%}", "")
    console.print(table)
    lag = found.lag
    console.print(f"Lag at {lag.rate} events/s, {lag.events:,} events: p50 {lag.p50:.3f} s, p99 {lag.p99:.3f} s; "
                  f"the longest wait until applied {lag.longest:.3f} s")
