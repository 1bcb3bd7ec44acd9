"""The partitioned tables: how many partitions, how many of them ahead, and what upkeep does not mend."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime

from django.db import connections

from ops.monitoring.figures import Figure
from ops.partitions.findings import judge
from ops.partitions.layout import Branch, read


def ahead(branch: Branch, at: date) -> int:
    """Future partitions of a branch."""
    current = branch.partitioning.period.first(at)
    return sum(first > current for first in branch.sound())


def figures() -> Iterator[Figure]:
    connection, today = connections["owner"], datetime.now(UTC).date()
    layout = read(connection)
    counts: Counter[str] = Counter()
    least: dict[str, int] = {}
    for branch in layout.branches:
        table = branch.partitioning.table
        counts[table] += len(branch.partitions)
        if branch.in_use:
            least[table] = min(least.get(table, ahead(branch, today)), ahead(branch, today))
    for table, count in counts.items():
        yield "foodshare_partitions", {"table": table}, count
        yield "foodshare_partitions_ahead", {"table": table}, least.get(table)
    yield "foodshare_partition_findings", {}, len(list(judge(connection, layout, today)))
