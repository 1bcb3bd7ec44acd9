"""`manage.py performance_test`: the documents' performance criteria, measured on the data that are here."""

import json
import re
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.table import Table

from foodshare.progress import Bars, progress
from ops.benchmarks.performance import LEAST_POSTS, MeasuredRead, Performance, performance_test

COLOURS = {"PASS": "green", "FAIL": "bold red", "NOT JUDGED": "yellow"}
DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s)")


class Command(BaseCommand):
    help = (
        "Time each critical read of the documents through the API's own code, with parameters drawn from the data, and "
        "look at the plans and at the connection pools. Exit code 0: every criterion passed; 1: one failed; 2: fewer "
        f"than {LEAST_POSTS:,} posts, so nothing is judged."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--queries", type=int, default=1000, metavar="N",
                            help="how often each read is timed (1000)")
        parser.add_argument("--max-time", default="200ms", metavar="TIME",
                            help="what no read may exceed, as 200ms or 0.2s; the documents' own limits hold too")
        parser.add_argument("--concurrency", type=int, default=32, metavar="N",
                            help="threads that use the pools at once (32; the primary's pool begins with 20)")
        parser.add_argument("--json", metavar="FILE", help="also write the whole report there; - writes it instead")

    def handle(self, *args: Any, **options: Any) -> None:
        for name in ("queries", "concurrency"):
            if options[name] < 1:
                raise CommandError(f"--{name} must be at least 1", returncode=2)
        max_time = milliseconds(options["max_time"])
        check_writable(options["json"])
        with progress() as bar:
            found = performance_test(options["queries"], max_time, options["concurrency"], Bars(bar).show)
        self.write(found, options["json"])
        if found.exit_code:
            raise SystemExit(found.exit_code)

    def write(self, found: Performance, file: str | None) -> None:
        text = json.dumps(found.as_json(), indent=2)
        if file == "-":
            self.stdout.write(text)
            return
        self.stdout.write(as_text(found))
        if file:
            Path(file).write_text(text + "\n", encoding="utf-8")


def check_writable(file: str | None) -> None:
    """Raise CommandError for a report that could not be written, before minutes are spent on it."""
    if file and file != "-":
        try:
            Path(file).open("a", encoding="utf-8").close()
        except OSError as error:
            raise CommandError(f"--json {file}: {error.strerror}", returncode=2) from error


def milliseconds(text: str) -> float:
    """A time such as 200ms or 0.2s, in milliseconds. Raises CommandError."""
    match = DURATION.fullmatch(text.strip())
    value = float(match[1]) * (1000 if match[2] == "s" else 1) if match else 0.0
    if not 0 < value < float("inf"):
        raise CommandError(f"--max-time {text}: not a time such as 200ms or 0.2s", returncode=2)
    return value


def as_text(found: Performance) -> str:
    console = Console(width=170, highlight=False)
    with console.capture() as captured:
        console.print(times(found), plans(found), pools(found), conclusion(found), sep="\n")
    return captured.get()


def times(found: Performance) -> Table:
    table = Table("read", "times", "average", "p50", "p95", "p99", "criterion", "",
                  title=f"Times in milliseconds, {found.posts:,} posts", title_justify="left")
    for read in found.reads:
        timing = read.timing
        shown = [f"{value:.1f}" if timing.count else "–" for value in (
            timing.average, timing.p50, timing.p95, timing.p99)]
        table.add_row(read.name, f"{timing.count:,}", *shown, criterion(read), coloured(read.time))
    return table


def plans(found: Performance) -> Table:
    table = Table("read", "indexes", "large tables scanned", "partitions", "buffers", "criterion", "", title="Plans",
                  title_justify="left", caption_justify="left",
                  caption="partitions: in the plans of one call, at most; buffers: of the busiest call")
    for read in found.reads:
        table.add_row(read.name, "\n".join(read.indexes) or "none", ", ".join(read.scanned) or "none",
                      "\n".join(f"{table} {number}" for table, number in sorted(read.partitions.items())) or "–",
                      "–" if read.buffers is None else f"{read.buffers:,}",
                      "by index, no scan over 1,000 rows", coloured(read.plan), end_section=True)
    return table


def criterion(read: MeasuredRead) -> str:
    return f"{'p95 of its statements' if read.as_statements else 'average'} < {read.limit:g}"


def pools(found: Performance) -> Table:
    table = Table("pool", "connections", "requests", "waited", "efficiency", "criterion", "", title_justify="left",
                  title=f"Pools under {found.threads} threads, {found.rate:.0f} reads a second")
    for pool in found.pools:
        use = pool.use
        table.add_row(use.alias, f"{use.minimum} to {use.maximum}, now {use.size}", f"{use.requests:,}",
                      f"{use.waited:,}", f"{use.efficiency:.1f} %",
                      f"at least {pool.least_efficiency:g} % without waiting", coloured(pool.verdict))
    return table


def conclusion(found: Performance) -> str:
    if found.exit_code == 2:
        return (f"[yellow]NOT JUDGED[/]: {found.posts:,} posts are too few to prove anything. At least "
                f"{LEAST_POSTS:,} are needed: `manage.py seed_data --scale small` makes them "
                "(--append: beside people of your own).")
    failed = found.verdicts.count("FAIL")
    if failed:
        return f"[bold red]FAIL[/]: {failed} of {len(found.verdicts)} criteria are not met."
    return f"[green]PASS[/]: all {len(found.verdicts)} criteria are met."


def coloured(verdict: str) -> str:
    return f"[{COLOURS[verdict]}]{verdict}[/]"
