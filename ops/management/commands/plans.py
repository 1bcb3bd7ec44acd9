"""`manage.py plans`: the plans of critical queries, recorded or held against what was recorded."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from ops.benchmarks.scratch import NAME, ScratchFailed, scratch
from ops.monitoring import plans
from ops.monitoring.plans import Difference, baseline
from ops.seed import SeedError


class Command(BaseCommand):
    help = (
        "Plan the critical queries in a database made for it, and compare the shapes of their plans (nodes, indexes, "
        "sorts, partitions) with those stored in ops/monitoring/plans/baseline; or store them, to be reviewed like any "
        "change. Needs a role that may create databases, and PostgreSQL 18. Exit code 0: they are the same, or were "
        "stored; 1: they differ, both are printed; 2: could not be judged, as there is no baseline for this version "
        "or no database could be made."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["check", "record"])
        parser.add_argument("--json", action="store_true", help="print one JSON object for another program")

    def handle(self, *args: Any, **options: Any) -> None:
        version = plans.version_of(connections["owner"])
        was = baseline.read(version)
        if version < plans.OLDEST or (was is None and options["what"] == "check"):
            self.tell(options["json"], {"version": version, "judged": False, "differences": []},
                      f"There is no baseline for PostgreSQL {version}: nothing is compared.")
            raise SystemExit(2)
        now = planned()
        if options["what"] == "record":
            path = baseline.write(version, now)
            self.tell(options["json"], {"version": version, "statements": len(now), "path": f"{path}"},
                      f"{len(now)} statements of {len({query for query, _ in now})} queries are in {path}.")
            return
        self.judge(plans.compare(was or {}, now), len(now), version, options["json"])

    def judge(self, found: list[Difference], number: int, version: int, as_json: bool) -> None:
        text = "\n\n".join("\n".join(told(each)) for each in found) or f"{number} statements are planned as recorded."
        self.tell(as_json, {"version": version, "judged": True, "statements": number,
                            "differences": [asdict(each) for each in found]}, text)
        if found:
            raise SystemExit(1)

    def tell(self, as_json: bool, data: dict[str, Any], text: str) -> None:
        self.stdout.write(json.dumps(data, indent=2) if as_json else text)


def told(difference: Difference) -> Iterator[str]:
    """A difference for people."""
    yield f"{difference.query}: {difference.problem} ({difference.fingerprint})"
    yield f"  {difference.text}"
    yield from difference.side_by_side()


def planned() -> baseline.Plans:
    """The plans, in a database that is gone afterwards. Raises CommandError."""
    try:
        with scratch(), working_in(NAME):
            return plans.plan(plans.capture())
    except (ScratchFailed, SeedError) as error:
        raise CommandError(f"the queries could not be planned: {error}", returncode=2) from error


@contextmanager
def working_in(name: str) -> Iterator[None]:
    """Have this process use another database of the same server."""
    pair = [connections[alias] for alias in ("default", "owner")]
    before = [connection.settings_dict["NAME"] for connection in pair]
    try:
        for connection in pair:
            connection.close()
            connection.settings_dict["NAME"] = name
        yield
    finally:
        for connection, own in zip(pair, before, strict=True):
            connection.close()
            connection.settings_dict["NAME"] = own
