"""`manage.py verify_schema`: the expected schema held against the live catalog."""

import json
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connections

from ops.verification import Finding, State, summarize, verify


class Command(BaseCommand):
    help = (
        "Compare the database with what the documents and the models order: tables, columns, keys, checks, partitions, "
        "indexes, the materialized view, functions, triggers, extensions, time zones and rights. Changes nothing. "
        "Exit code 0: all is well; 1: something is not, or the database could not be read."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object for another program")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = verify(connections["owner"], connections["default"])
        ok = not any(finding.fails for finding in findings)
        if options["json"]:
            counts = summarize(findings)
            self.stdout.write(json.dumps({"ok": ok, "counts": counts, "findings": [f.as_dict() for f in findings]},
                                         indent=2))
        else:
            self.show(findings, ok)
        if not ok:
            raise SystemExit(1)

    def show(self, findings: list[Finding], ok: bool) -> None:
        """Print a table by kind of object; what is not as it should be, with both sides below it."""
        for kind, group in groupby(findings, attrgetter("kind")):
            self.stdout.write(f"\n{kind}")
            for finding in group:
                self.show_one(finding)
        verdict = "the schema is not as it should be" if not ok else "all is well"
        if ok and any(finding.tolerated for finding in findings):
            verdict += ", but for the notes above"
        counts = ", ".join(f"{count} {state}" for state, count in summarize(findings).items() if count)
        self.stdout.write(f"\n{counts}: {verdict}")

    def show_one(self, finding: Finding) -> None:
        style = self.style.ERROR if finding.fails else self.style.WARNING if finding.tolerated else self.style.SUCCESS
        self.stdout.write(f"  {style(f'{finding.state:9}')} {finding.name}")
        if finding.state is not State.OK:
            for label, text in (("expected", finding.expected), ("found", finding.found)):
                if text:
                    self.stdout.write(f"            {label + ':':9} {' '.join(text.split())}")
        elif finding.kind == "materialized view":
            self.stdout.write(f"            definition in force: {finding.found}")
        if finding.note:
            self.stdout.write(f"            note:     {finding.note}")
