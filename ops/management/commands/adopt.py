"""`manage.py adopt`: take over the tables that another program made, and upgrade them."""

import json
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from django.db.utils import IntegrityError

from foodshare.db import adopted
from ops import adoption


class Command(BaseCommand):
    help = (
        "Take over a database in which another program made users, food_posts, exchanges and ratings: compare them "
        "with what is expected, record them as adopted, and run migrate. The other program may go on writing. No row "
        "is changed, and no reversed migration drops these tables. May be run again after an interruption. "
        "Exit code 0: adopted, or adoptable; 1: refused, with the reasons, or the database could not be read."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only say whether it can be adopted; write nothing")
        parser.add_argument("--json", action="store_true", help="with --check: print JSON for another program")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["json"] and not options["check"]:
            raise CommandError("--json goes with --check only", returncode=2)
        connection = connections["owner"]
        is_set_up = adopted.is_set_up(connection)
        problems = [] if is_set_up else adoption.problems(connection)
        if options["check"]:
            self.report(is_set_up, problems, options["json"])
        if problems:
            raise SystemExit(1) if options["json"] else CommandError("\n".join(("not adoptable:", *problems)))
        if not options["check"]:
            self.adopt(is_set_up, options["verbosity"])

    def report(self, is_set_up: bool, problems: list[str], as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"adoptable": not problems, "set_up": is_set_up, "problems": problems}))
        elif is_set_up:
            self.stdout.write("The database is ours already, made or adopted; `manage.py migrate` upgrades it.")
        elif not problems:
            self.stdout.write("The database can be adopted: run `manage.py adopt`.")

    def adopt(self, is_set_up: bool, verbosity: int) -> None:
        if not is_set_up:
            adoption.mark(connections["owner"])
        try:
            call_command("migrate", verbosity=verbosity, stdout=self.stdout, stderr=self.stderr)
        except IntegrityError as error:
            raise CommandError(f"a row written meanwhile is not acceptable: {error}".strip()
                               + "\nput it right and run `manage.py adopt` again") from error
        self.stdout.write("Adopted. `manage.py verify_schema` tells what was found beyond the expected.")
