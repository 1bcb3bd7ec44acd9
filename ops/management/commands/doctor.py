"""`manage.py doctor`: what is wrong with servers, data and upkeep, and how to mend it."""

import json
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from textwrap import indent
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandParser
from rich.console import Console
from rich.text import Text

from foodshare.progress import Bars, progress
from ops.monitoring import doctor
from ops.monitoring.doctor.findings import Finding, Report, Severity

LOCK_PATIENCE = "3s"
STYLES = {Severity.CRITICAL: "bold red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}


class Command(BaseCommand):
    help = (
        "Look at the servers, the data and the upkeep, and say what is wrong, why it matters, whom it concerns and how "
        "to mend it. Changes nothing. docs/doctor.md lists the checks and their limits. Exit code 0: nothing to worry "
        "about; 1: a warning; 2: something critical; 3: no such finding, but a check could not be made."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        form = parser.add_mutually_exclusive_group()
        form.add_argument("--json", action="store_true", help="print one JSON object for another program")
        form.add_argument("--fix-sql", action="store_true",
                          help="print only the SQL that mends what was found, for psql; nothing is run")

    def handle(self, *args: Any, **options: Any) -> None:
        report = self.examined(quiet=options["json"] or options["fix_sql"])
        if options["json"]:
            self.stdout.write(json.dumps(report.as_dict(), indent=2))
        elif options["fix_sql"]:
            self.stdout.write(fixes(report))
        else:
            self.show(report)
        if report.exit_code:
            raise SystemExit(report.exit_code)

    def examined(self, quiet: bool) -> Report:
        with nullcontext() if quiet else progress() as bars:
            return doctor.examine(tell=Bars(bars).show if bars else None)

    def show(self, report: Report) -> None:
        console = Console(file=cast(IO[str], self.stdout), soft_wrap=True, highlight=False)
        for finding in report.findings:
            show_one(console, finding)
        for each in report.unjudged:
            console.print(Text.assemble(("NOT JUDGED ", "magenta"), (each.check, "bold"), f": {each.reason}\n"))
        counts = ", ".join(f"{count} {name}" for name, count in report.counts().items() if count) or "no finding"
        left_out = f", {len(report.unjudged)} not judged" if report.unjudged else ""
        console.print(f"{len(report.checks)} checks: {counts}{left_out}")


def show_one(console: Console, finding: Finding) -> None:
    """A finding for people, the most important first."""
    title = Text.assemble((finding.severity.upper(), STYLES[finding.severity]), " ", (finding.check, "bold"), ": ",
                          finding.what)
    console.print(title)
    lines = [("why", finding.why), ("do", finding.advice), ("model", finding.model or ""),
             ("asked by", ", ".join(finding.endpoints))]
    for label, text in lines:
        if text:
            console.print(Text.assemble((f"  {label:9}", "dim"), text))
    for statement in finding.fix_sql:
        console.print(Text.assemble(("  SQL      ", "dim"), f"{statement};"))
    if finding.migration:
        console.print(Text("  migration", "dim"))
        console.print(Text(indent(finding.migration.rstrip(), "    ")))
    console.print()


def fixes(report: Report) -> str:
    """The statements of all findings, each finding's after a comment that says what it is for. What is to be run by
    hand alone is a comment too."""
    parts = [f"-- {finding.severity} {finding.check}: {' '.join(finding.what.split())}\n"
             + "".join(f"{line}\n" for line in (by_hand if finding.by_hand else in_time)(finding.fix_sql))
             for finding in report.findings if finding.fix_sql]
    return "\n".join(parts) or "-- nothing to mend by SQL"


def by_hand(statements: Iterable[str]) -> Iterator[str]:
    yield "-- by hand, if it should be so:"
    for statement in statements:
        yield f"-- {statement};"


def in_time(statements: Iterable[str]) -> Iterator[str]:
    """None queues for a lock for long, and others behind it; what is made CONCURRENTLY waits, and holds up nobody."""
    for statement in statements:
        yield f"SET lock_timeout = '{'0' if ' CONCURRENTLY ' in statement else LOCK_PATIENCE}';"
        yield f"{statement};"
