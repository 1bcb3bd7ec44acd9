"""A plan of PostgreSQL in the words of whoever wrote the query, and what to think about."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import Any

from groups.partitions import NAME

Node = dict[str, Any]
PAGE = 8  # KB
FAR_OFF, FEW = 10, 100  # times as many rows as expected, of at least so many: fewer are met wherever a LIMIT stops
MUCH, TIMES = 1000, 10  # rows or pages read, and times as many as are returned
LARGE = 10_000  # rows of a table that is read whole, or turns of a loop
MANY_PARTITIONS = 12
JOINS = {"Nested Loop": "for each row of the first, looks up the second",
         "Hash Join": "joins by a hash table of the second", "Merge Join": "joins two sorted inputs"}
CHANGES = {"Insert": "adds rows to", "Update": "changes rows of", "Delete": "deletes rows of", "Merge": "merges into"}

PLAIN = {
    "WindowAgg": "numbers or sums up over a window", "Subquery Scan": "takes the rows of a subquery",
    "Hash": "makes a hash table of them", "Memoize": "remembers what was looked up", "Materialize": "keeps the rows",
    "Unique": "drops doubles", "SetOp": "compares two inputs", "Gather": "collects from several processes",
    "Gather Merge": "collects from several processes, in order", "Recursive Union": "goes on from what it found",
    "WorkTable Scan": "takes what was found last", "BitmapOr": "takes what either names",
    "BitmapAnd": "takes what both name", "Values Scan": "takes the values given",
    "ProjectSet": "calls a function for rows",
}  # fmt: skip
TYPE = re.compile(r"::(?:character varying|timestamp without time zone|\w+)(?:\[\])?")
BRACKETED = re.compile(r"\((\w+)\)")  # a column whose type was written


@dataclass(frozen=True)
class Step:
    """One line: how deep it is below the result, and what happens."""

    depth: int
    text: str


@dataclass(frozen=True)
class Reading:
    """What a plan does, from the result down to the tables, and what is worth a thought."""

    steps: list[Step]
    warnings: list[str]
    tables: list[str]  # partitions by their tables' names
    indexes: list[str]
    partitions: int  # that are read
    rows: float  # that are returned: met where it was run, else expected
    pages: int | None  # of 8 KB that were looked at, where it was run


def reading(plan: Node) -> Reading:
    nodes = list(walk(plan))
    relations = {node["Relation Name"] for node in nodes if is_read(node) and "Relation Name" in node}
    return Reading(
        steps=list(steps(plan)), warnings=list(warnings(plan, nodes)),
        tables=sorted({table_of(name) for name in relations}),
        indexes=sorted({node["Index Name"] for node in nodes if "Index Name" in node and is_read(node)}),
        partitions=len({name for name in relations if NAME.search(name)}), rows=rows(plan), pages=pages(plan))


def walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.get("Plans", []):
        yield from walk(child)


def table_of(relation: str) -> str:
    """The table that a partition is of by its name, or the table itself."""
    return NAME.sub("", relation)


def is_read(node: Node) -> bool:
    """Whether the node was reached at all; where nothing was run, it is expected to be."""
    return bool(node.get("Actual Loops", 1))


def rows(node: Node) -> float:
    """The rows of all turns: those met, or expected."""
    if "Actual Rows" in node:
        return float(node["Actual Rows"] * node["Actual Loops"])
    return float(node["Plan Rows"])


def pages(node: Node) -> int | None:
    if "Shared Hit Blocks" not in node:
        return None
    return int(node["Shared Hit Blocks"] + node["Shared Read Blocks"])


def steps(node: Node, depth: int = 0) -> Iterator[Step]:
    if not is_read(node):
        yield Step(depth, f"({described(node)}: not needed)")
        return
    yield Step(depth, f"{described(node)}{measured(node)}")
    children = node.get("Plans", [])
    groups: dict[tuple[str, str], list[Node]] = {}
    for child in children:
        relation = child.get("Relation Name", "")
        key = (child["Node Type"], table_of(relation)) if NAME.search(relation) else (str(id(child)), "")
        groups.setdefault(key, []).append(child)
    for (_, table), members in groups.items():
        if len(members) > 1:
            yield Step(depth + 1, of_partitions(table, members))
        else:
            yield from steps(members[0], depth + 1)


def of_partitions(table: str, members: list[Node]) -> str:
    """The same done to several partitions of a table, in one line."""
    read = [node for node in members if is_read(node)]
    kind = described(members[0]).replace(members[0]["Relation Name"], f"{len(read)} partitions of {table}")
    left = f", {len(members) - len(read)} more not needed" if len(members) > len(read) else ""
    counted = [page for node in read if (page := pages(node)) is not None]
    looked = f", {number(sum(counted), 'page')}" if counted else ""
    return f"{kind}: {number(sum(map(rows, read)), 'row')}{looked}{left}"


def described(node: Node) -> str:
    """What a node does."""
    kind, table = node["Node Type"], node.get("Relation Name", "")
    index, wanted = node.get("Index Name", ""), condition(node)
    match kind:
        case "Seq Scan" | "Sample Scan":
            return f"reads all of {table}{wanted}"
        case "Index Scan" | "Index Only Scan":
            how = " alone" if kind == "Index Only Scan" else ""
            backwards = ", backwards" if node.get("Scan Direction") == "Backward" else ""
            return f"reads {table} by index {index}{how}{backwards}{wanted}"
        case "Bitmap Heap Scan":
            return f"reads the pages of {table} that indexes name{wanted}"
        case "Bitmap Index Scan":
            return f"looks in index {index}{wanted}"
        case "Sort" | "Incremental Sort":
            return f"sorts by {', '.join(node['Sort Key'])}{sort_place(node)}"
        case "Append" | "Merge Append":
            removed = node.get("Subplans Removed", 0)
            order = ", in order" if kind == "Merge Append" else ""
            return f"puts its parts together{order}" + (f"; {removed} were left out" if removed else "")
        case "ModifyTable":
            return f"{CHANGES[node['Operation']]} {table}"
        case "Limit":
            return "stops after enough rows"
        case "Aggregate":
            groups = node.get("Group Key")
            return f"groups by {', '.join(groups)}" if groups else "sums up in one row"
        case "LockRows":
            return "locks the rows"
        case "Function Scan":
            return f"takes the rows of {node.get('Function Name', 'some function')}()"
        case "CTE Scan":
            return f"reads what WITH {node['CTE Name']} gave{wanted}"
        case "Result":
            return "gives what needs no table"
        case _ if kind in JOINS:
            return f"{JOINS[kind]}{wanted}"
        case _:
            return f"{PLAIN.get(kind, kind.lower())}{f' of {table}' if table else ''}{wanted}"


def condition(node: Node) -> str:
    for key in ("Index Cond", "Recheck Cond", "Hash Cond", "Merge Cond", "Join Filter", "Filter"):
        if key in node:
            return f" where {shortened(node[key])}"
    return ""


def shortened(text: str, most: int = 160) -> str:
    """A condition without its types, and without its end where it is long."""
    text = BRACKETED.sub(r"\1", TYPE.sub("", text))
    return text if len(text) <= most else f"{text[:most]}…"


def sort_place(node: Node) -> str:
    if "Sort Space Type" not in node:
        return ""
    place = "on disk" if node["Sort Space Type"] == "Disk" else "in memory"
    return f", {place} ({node['Sort Space Used']:,} kB)"


def measured(node: Node) -> str:
    """How many rows were expected and met, and pages looked at."""
    expected = number(node["Plan Rows"], "row")
    if "Actual Rows" not in node:
        return f": {expected} expected"
    turns = node["Actual Loops"]
    each = f" in {turns:,} turns" if turns > 1 else ""
    passed = node.get("Rows Removed by Filter", 0) * turns
    dropped = f", {number(passed, 'row')} passed over" if passed else ""
    return (f": {number(rows(node), 'row')}{each} (expected {node['Plan Rows'] * turns:,.0f}){dropped}, "
            f"{number(pages(node) or 0, 'page')}")


def number(count: float, noun: str) -> str:
    rounded = ceil(count)
    return f"{rounded:,} {noun}{'' if rounded == 1 else 's'}"


def warnings(plan: Node, nodes: list[Node]) -> Iterator[str]:
    """What is worth a thought; of what was not run, only what its plan shows."""
    looked = pages(plan)
    if looked and looked > MUCH and looked > TIMES * max(rows(plan), 1):
        yield f"{looked:,} pages ({looked * PAGE // 1024:,} MB) are looked at for {number(rows(plan), 'row')}"
    read = {node["Relation Name"] for node in nodes if NAME.search(node.get("Relation Name", "")) and is_read(node)}
    if len(read) > MANY_PARTITIONS:
        yield f"{len(read)} partitions are read: bound the time that is asked for"
    for node in filter(is_read, nodes):
        yield from of_node(node)


def of_node(node: Node) -> Iterator[str]:
    table, turns = node.get("Relation Name", ""), node.get("Actual Loops", 1)
    passed = node.get("Rows Removed by Filter", 0) * turns
    if passed > MUCH and passed > TIMES * rows(node):
        yield (f"of {table or 'an input'} {passed:,.0f} rows are read and passed over to keep {rows(node):,.0f}: "
               "an index lacks")
    elif node["Node Type"] == "Seq Scan" and rows(node) > LARGE:
        yield f"all of {table} is read, {rows(node):,.0f} rows"
    if node.get("Sort Space Type") == "Disk":
        yield f"sorts on disk, {node['Sort Space Used']:,} kB: an index in this order, or more work_mem"
    if node.get("Heap Fetches", 0) > MUCH:
        yield f"{table} has to be looked at {node['Heap Fetches']:,} times beside its index: VACUUM {table}"
    met, expected = rows(node), float(node["Plan Rows"] * turns)
    if "Actual Rows" in node and table and met >= FEW and met > FAR_OFF * max(expected, 1):
        yield f"of {table} {expected:,.0f} rows were expected and {met:,.0f} met: ANALYZE {table_of(table)}"
    if node["Node Type"] == "Nested Loop" and any(child.get("Actual Loops", 1) > LARGE for child in node["Plans"]):
        yield f"looks up the second input {max(child['Actual Loops'] for child in node['Plans']):,} times"
