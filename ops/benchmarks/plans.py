"""How the planner answers: which indexes serve a read, and which tables it goes through from end to end."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connections

LARGE = 1_000  # rows; a table over that must not be read whole (document A)


@dataclass
class Plans:
    """Of all the statements of a read: the indexes they use, and the large tables that some of them scan."""

    indexes: set[str] = field(default_factory=set)
    scanned: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Statement:
    alias: str
    text: str
    parameters: Any


def aliases() -> list[str]:
    """The databases that requests read."""
    return ["default", *settings.REPLICA_ALIASES]


def plans_of(calls: Sequence[Callable[[], object]]) -> Plans:
    """Do each call once, and have every SELECT that it sent explained where it was sent, with its parameters."""
    plans, large = Plans(), large_tables()
    for call in calls:
        with recorded() as statements:
            call()
        for node in (node for statement in statements for node in nodes(explain(statement))):
            index = node.get("Index Name", "pg_")
            if not index.startswith("pg_"):  # the driver asks the catalog about types
                plans.indexes.add(index)
            if node["Node Type"] == "Seq Scan" and node["Relation Name"] in large:
                plans.scanned.add(node["Relation Name"])
    return plans


@contextmanager
def recorded() -> Iterator[list[Statement]]:
    """The SELECT statements that this thread sends meanwhile."""
    statements: list[Statement] = []

    def record(execute: Callable[..., Any], text: str, parameters: Any, many: bool, context: dict[str, Any]) -> Any:
        if text.lstrip("( ").startswith("SELECT"):
            statements.append(Statement(context["connection"].alias, text, parameters))
        return execute(text, parameters, many, context)

    with ExitStack() as stack:
        for alias in aliases():
            stack.enter_context(connections[alias].execute_wrapper(record))
        yield statements


def explain(statement: Statement) -> dict[str, Any]:
    """The root of the statement's plan."""
    with connections[statement.alias].cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement.text}", statement.parameters)
        root: dict[str, Any] = cursor.fetchone()[0][0]["Plan"]
    return root


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The node and all below it."""
    yield node
    for child in node.get("Plans", ()):
        yield from nodes(child)


def large_tables() -> set[str]:
    """Tables and materialized views of more than LARGE rows, as last analyzed."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind IN ('r', 'p', 'm') AND reltuples > %s", [LARGE])
        return {name for (name,) in cursor.fetchall()}
