"""`manage.py rebuild_reputation`: replay the ledger, and compare or repair what is kept of it."""

import json
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from foodshare.models import User
from foodshare.progress import Bars, progress
from reputation.comparison import MOST_SHOWN, Findings
from reputation.rebuild import rebuild, rebuild_person


class Command(BaseCommand):
    help = (
        "Replay the ledger of reputation, person by person in the order in which events were applied, and compare: "
        "each event's impact and scores, everybody's live row field by field, and the memo of what the ledger folds "
        "to. Live rows and memos that differ are repaired, missing rows made; the ledger itself is never changed. "
        "With --check nothing is. The platform goes on meanwhile. May be interrupted and run again. Prints the first "
        f"{MOST_SHOWN} differences. Exit code 0: all is as the ledger says, or was repaired; 1: a difference (with "
        "--check any, else one in the ledger); 2: wrong use."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing")
        parser.add_argument("--user", type=UUID, metavar="ID", help="one person only")
        parser.add_argument("--json", action="store_true", help="print one JSON object for another program")

    def handle(self, *args: Any, **options: Any) -> None:
        check = options["check"]
        found = self.one(options["user"], check) if options["user"] else self.everybody(check)
        is_fine = not (found.totals if check else found.left)
        if options["json"]:
            self.stdout.write(json.dumps(as_dict(found, is_fine), indent=2))
        else:
            self.tell(found)
        if not is_fine:
            raise SystemExit(1)

    def one(self, user_id: UUID, check: bool) -> Findings:
        if not User.objects.filter(pk=user_id).exists():
            raise CommandError(f"--user {user_id}: there is no such person", returncode=2)
        return rebuild_person(user_id, check=check)

    def everybody(self, check: bool) -> Findings:
        try:
            with progress() as bars:
                return rebuild(Bars(bars).show, check=check)
        except BrokenProcessPool as error:
            raise CommandError("a process that replayed was ended from outside; run it again") from error

    def tell(self, found: Findings) -> None:
        for difference in found.differences:
            self.stdout.write(str(difference))
        if (more := found.totals.total() - len(found.differences)) > 0:
            self.stdout.write(f"… and {more:,} more")
        counts = ", ".join(f"{count:,} {place}" for place, count in found.totals.items()) or "none"
        self.stdout.write(f"{found.events:,} events of {found.people:,} people replayed; differences: {counts}; "
                          f"people repaired: {found.repaired:,}")


def as_dict(found: Findings, is_fine: bool) -> dict[str, Any]:
    return {"ok": is_fine, "people": found.people, "events": found.events, "repaired": found.repaired,
            "totals": found.totals, "differences": [asdict(each) for each in found.differences]}
