"""Upkeep of the partitioned tables: what is there, what should be, and the steps from one to the other.

Everything works on the owner's connection, outside a transaction. Days are UTC.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper

from foodshare.db.locks import LocksTaken, alone
from ops.partitions.errors import PartitionError
from ops.partitions.findings import COMMAND, Finding, judge
from ops.partitions.layout import read
from ops.partitions.plan import plan
from ops.partitions.steps import Step

Track = Callable[[list[Step]], Iterable[Step]]  # goes through the steps, and may show them


@dataclass(frozen=True)
class Outcome:
    """The plan, what of it could not be done, and what else is wrong."""

    steps: list[Step]
    failures: list[Finding]
    findings: list[Finding]


def maintain(connection: BaseDatabaseWrapper, at: date, *, dry_run: bool = False, track: Track = iter) -> Outcome:
    """Bring the partitions to what is declared for the day `at`. Interrupted, it may be run again.

    A step that fails keeps no other from being done. Found is what is wrong in the end; with `dry_run`, which
    changes nothing, what is wrong now. Raises PartitionError when another run is under way, or nothing is migrated yet.
    """
    with alone(connection, "maintain_partitions") as is_alone:
        if not is_alone:
            raise PartitionError("another run of it is under way")
        layout = read(connection)
        if not layout.branches:
            raise PartitionError("there are no partitioned tables: run `manage.py migrate` first")
        steps = plan(layout, at)
        tracked = track(steps)
        failures = [] if dry_run else [failure for step in tracked for failure in attempt(connection, step)]
        return Outcome(steps, failures, list(judge(connection, read(connection), at)))


def attempt(connection: BaseDatabaseWrapper, step: Step) -> Iterator[Finding]:
    """Do one step; what kept it from being done."""
    try:
        step.run(connection)
    except (DatabaseError, LocksTaken, PartitionError, OSError) as error:
        yield Finding(step.name, f"a step failed: {' '.join(str(error).split())}", f"`{COMMAND}` tries again")
