"""How the planner answers: which indexes serve a read, and which tables it goes through from end to end."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connections

from ops.benchmarks.statements import explain, recorded

LARGE = 1_000  # rows; a table over that must not be read whole (document A)
PARTITIONS = """
SELECT relname, pg_partition_root(oid)::regclass::text FROM pg_class WHERE relispartition AND relkind IN ('r', 'i')
"""


@dataclass
class Plans:
    """Of all the statements of a read: the indexes they use, and the large tables that some of them scan.

    `partitions` is, by partitioned table, how many partitions one call's statements are planned for, at most. An
    index of a partition goes by the name of the index that it is a part of.
    """

    indexes: set[str] = field(default_factory=set)
    scanned: set[str] = field(default_factory=set)
    partitions: dict[str, int] = field(default_factory=dict)


def plans_of(calls: Sequence[Callable[[], object]]) -> Plans:
    """Do each call once, and have every statement that it read with explained where it was sent."""
    plans, large, wholes = Plans(), large_tables(), partitions()
    for call in calls:
        with recorded() as statements:
            call()
        found = [node for statement in statements for node in nodes(explain(statement))]
        note_partitions(plans, {node["Relation Name"] for node in found if "Relation Name" in node}, wholes)
        for node in found:
            index = wholes.get(node.get("Index Name", "pg_"), node.get("Index Name", "pg_"))
            if not index.startswith("pg_"):  # the driver asks the catalog about types
                plans.indexes.add(index)
            if node["Node Type"] == "Seq Scan" and node["Relation Name"] in large:
                plans.scanned.add(node["Relation Name"])
    return plans


def note_partitions(plans: Plans, tables: set[str], wholes: dict[str, str]) -> None:
    """Count those of a call's tables that are partitions."""
    for whole in {wholes[table] for table in tables if table in wholes}:
        number = sum(wholes.get(table) == whole for table in tables)
        plans.partitions[whole] = max(number, plans.partitions.get(whole, 0))


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The node and all below it."""
    yield node
    for child in node.get("Plans", ()):
        yield from nodes(child)


def large_tables() -> set[str]:
    """Tables, partitions and materialized views of more than LARGE rows, as last analyzed."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind IN ('r', 'p', 'm') AND reltuples > %s", [LARGE])
        return {name for (name,) in cursor.fetchall()}


def partitions() -> dict[str, str]:
    """Of each partition, and each index of one: what it is a part of."""
    with connections["default"].cursor() as cursor:
        cursor.execute(PARTITIONS)
        return dict(cursor.fetchall())
