"""The shape of a plan without costs: which nodes, indexes and tables, in an order and in words that do not change with
the day.

Partitions go by the table that they are a part of, and what is done to each of them alike is said once: how many there
are depends on the date.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from ops.benchmarks.plans import nodes
from ops.monitoring.rows import fetch

TREES = """
    SELECT relid::regclass::text, root::text
    FROM pg_class, pg_partition_tree(pg_class.oid), LATERAL pg_partition_root(relid) AS root
    WHERE pg_class.relkind IN ('p', 'I') AND NOT pg_class.relispartition AND isleaf
"""
OURS = "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'm')"
GATHERED = {"Append", "Merge Append"}
ALL, SOME = ": all", ": some"  # of a table's partitions a statement is planned for
KEYS = ("Sort Key", "Group Key", "Presorted Key")


@dataclass(frozen=True)
class Names:
    """What the partitions, and their indexes, are a part of; how many partitions each table has; all our tables."""

    roots: Mapping[str, str]
    ours: frozenset[str]
    parts: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, connection: BaseDatabaseWrapper) -> "Names":
        roots = dict(fetch(lambda part, root: (part, root), connection, TREES))
        parts = {root: list(roots.values()).count(root) for root in set(roots.values())}
        return cls(roots, frozenset(fetch(str, connection, OURS)), parts)

    def root(self, name: str) -> str:
        return self.roots.get(name, name)


def is_ours(plan: dict[str, Any], names: Names) -> bool:
    """Whether it reads a table of the platform, and not only what the driver asks of the catalog."""
    return any(node.get("Relation Name") in names.ours for node in nodes(plan))


def shape(plan: dict[str, Any], names: Names) -> tuple[str, ...]:
    """The plan as lines, children below their parent."""
    touched = {str(node["Relation Name"]) for node in nodes(plan) if node.get("Relation Name") in names.roots}
    tables = sorted({names.root(name) for name in touched})
    whole = {table for table in tables if sum(names.root(name) == table for name in touched) == names.parts[table]}
    pruned = [f"partitions of {table}{ALL if table in whole else SOME}" for table in tables]
    return (*lines(plan, names, 0), *pruned)


def lines(node: dict[str, Any], names: Names, depth: int) -> Iterator[str]:
    """The node and those below it. Of an Append over partitions only what is done to them is told."""
    children = node.get("Plans", [])
    if node["Node Type"] in GATHERED:
        told = [tuple(lines(child, names, depth)) for child in children]
        for each in sorted(set(told)):
            yield from each
        return
    yield "  " * depth + words(node, names)
    for child in children:
        yield from lines(child, names, depth + 1)


def words(node: dict[str, Any], names: Names) -> str:
    """What one node does."""
    text = str(node["Node Type"])
    if node.get("Join Type", "Inner") != "Inner":
        text += f" {node['Join Type'].lower()}"
    if index := node.get("Index Name"):
        text += f" by {names.root(index)}"
    if table := node.get("Relation Name"):
        text += f" on {names.root(table)}"
    for key in KEYS:
        if key in node:
            text += f" by {', '.join(map(str, node[key]))}"
    return text
