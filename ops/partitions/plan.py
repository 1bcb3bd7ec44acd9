"""What should be: partitions from now on to as far ahead as declared, and none past its time."""

from collections.abc import Iterator
from datetime import date

from django.conf import settings

from groups.partitions import Partitioning
from ops.partitions.layout import Branch, Layout, told_by
from ops.partitions.steps import Archive, Create, Detach, Step


def is_past(partitioning: Partitioning, first: date, at: date) -> bool:
    """Whether the table does not keep the partition that begins with `first`, on the day `at`."""
    keep = settings.PARTITION_KEEP[partitioning.table]
    period = partitioning.period
    return keep is not None and first < period.shift(period.first(at), -keep)


def plan(layout: Layout, at: date) -> list[Step]:
    """The steps to take, the most pressing first; none when all is as it should be."""
    gone = [*(Detach(found.name, found.parent) for found in layout.partitions if found.pending),
            *(Detach(found.name, found.parent) for branch in layout.branches for first, found in branch.sound().items()
              if is_past(branch.partitioning, first, at))]
    return [*create(layout, at), *gone, *archive(layout, at, [step.name for step in gone])]


def create(layout: Layout, at: date) -> Iterator[Step]:
    """What is missing, but for that whose name another table has: that is a finding."""
    for branch in layout.branches:
        if branch.in_use and (branch.table not in layout.tables or not branch.partitioning.by_category):
            for first in missing(branch, at):
                if (name := branch.told(first).name) not in layout.tables:
                    yield Create(name, branch.partitioning, first, branch.slug)


def missing(branch: Branch, at: date) -> Iterator[date]:
    """The first days of the partitions to make: from the present one, or from where they end if upkeep stood still.

    A hole before that is left: it may have held rows, which a new partition would hide. A pending one is not made.
    """
    period = branch.partitioning.period
    known = {told.first for found in branch.partitions if (told := told_by(found.name))}
    current = period.first(at)
    first = min(current, period.shift(max(known))) if known else current
    while first <= period.shift(current, branch.partitioning.ahead):
        if first not in known and not is_past(branch.partitioning, first, at):
            yield first
        first = period.shift(first)


def archive(layout: Layout, at: date, detached: list[str]) -> Iterator[Step]:
    """What is or will be detached and past its time, when such is archived."""
    if settings.PARTITIONS_PAST != "archive":
        return
    for name in [*(name for name, _ in layout.leftovers()), *detached]:
        told = told_by(name)
        if told and is_past(told.partitioning, told.first, at):
            yield Archive(name)
