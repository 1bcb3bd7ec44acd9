"""`manage.py group_summary`: describe, refresh, and swap the definition of group_activity_summary."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from rich.console import Console
from rich.progress import track

from groups.summary import FILES, Definition, Status, SummaryError, refresh, status
from groups.summary_swap import swap


class Command(BaseCommand):
    help = (
        "Describe group_activity_summary: its definition in force, rows, size, last refresh and what the next one "
        "is estimated to cost. Or refresh it, or put the other definition in force: 'exact' is document A's query "
        "as written, whose cost grows with users × posts; 'aggregated' gives the same rows cheaply. Runs as the "
        "owner role. Exit code 1 when it fails, refuses, or finds a definition that is neither of the two."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        action = parser.add_mutually_exclusive_group()
        action.add_argument("--definition", choices=list(FILES),
                            help="put this one in force: built beside, compared, renamed; readers notice nothing")
        action.add_argument("--refresh", action="store_true",
                            help="refresh concurrently; refuses the exact one over GROUP_SUMMARY_COST_LIMIT")
        parser.add_argument("--json", action="store_true", help="print what then holds as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["definition"]:
                self.swap(options["definition"])
            if options["refresh"]:
                self.refresh()
            self.show(status(connections["owner"]), options["json"])
        except SummaryError as error:
            raise CommandError(str(error).strip()) from error
        except KeyboardInterrupt:
            raise CommandError("interrupted; one of the definitions is in force, whole, and this may be run again",
                               returncode=130) from None

    def swap(self, definition: Definition) -> None:
        self.stderr.write(f"Building the {definition} definition beside the one in force, and comparing the two …")
        comparison = swap(connections["owner"], definition, self.track)
        self.stderr.write(f"Swapped: {comparison}." if comparison else f"Already in force: {definition}.")

    def refresh(self) -> None:
        self.stderr.write("Refreshing concurrently …")
        refresh(connections["owner"])

    def track(self, groups: list[UUID]) -> Iterable[UUID]:
        return track(groups, "Comparing single groups", console=Console(stderr=True), transient=True)

    def show(self, summary: Status, as_json: bool) -> None:
        self.stdout.write(as_text(summary) if not as_json else json.dumps(asdict(summary), default=str, indent=2))
        if summary.definition is None:
            raise CommandError("the view's query is neither of the two definitions; --definition replaces it")


def as_text(summary: Status) -> str:
    rows = f"{summary.rows:,}" if summary.rows is not None else "not populated"
    return "\n".join([
        f"definition    {summary.definition or 'unknown'}",
        f"rows          {rows}",
        f"size          {summary.size / 1024:,.0f} kB, indexes included",
        f"last refresh  {summary.refreshed_at or 'not noted: by the migration, or by a direct call of the function'}",
        f"cost          {summary.estimated_cost:,.0f} estimated for a refresh; limit {summary.cost_limit:,}",
    ])
