"""The statements that a call sends: which they are, how long they take, and what they read."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connections

READS = re.compile(r"(?:\s|\(|--[^\n]*\n)*(?:SELECT|WITH)\b")


@dataclass(frozen=True)
class Statement:
    alias: str
    text: str
    parameters: Any


def aliases() -> list[str]:
    """The databases that requests read."""
    return ["default", *settings.REPLICA_ALIASES]


@contextmanager
def watched(watch: Callable[..., Any]) -> Iterator[None]:
    """Have `watch` execute this thread's statements meanwhile, as Django's execute wrappers do."""
    with ExitStack() as stack:
        for alias in aliases():
            stack.enter_context(connections[alias].execute_wrapper(watch))
        yield


@contextmanager
def recorded() -> Iterator[list[Statement]]:
    """The statements that read."""
    statements: list[Statement] = []

    def record(execute: Callable[..., Any], text: str, parameters: Any, many: bool, context: dict[str, Any]) -> Any:
        if READS.match(text):
            statements.append(Statement(context["connection"].alias, text, parameters))
        return execute(text, parameters, many, context)

    with watched(record):
        yield statements


def time_in_statements(call: Callable[[], object]) -> float:
    """Do the call; the milliseconds that its statements took, their rows' way here included."""
    taken = 0.0

    def clock(execute: Callable[..., Any], *arguments: Any) -> Any:
        nonlocal taken
        start = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            taken += (time.perf_counter() - start) * 1000

    with watched(clock):
        call()
    return taken


def explain(statement: Statement, options: str = "") -> dict[str, Any]:
    """The root of the statement's plan."""
    with connections[statement.alias].cursor() as cursor:
        cursor.execute(f"EXPLAIN ({options}FORMAT JSON) {statement.text}", statement.parameters)
        root: dict[str, Any] = cursor.fetchone()[0][0]["Plan"]
    return root


def buffers_of(call: Callable[[], object]) -> int:
    """The pages of 8 kB that the statements of a call read, from cache or disk."""
    with recorded() as statements:
        call()
    roots = [explain(statement, "ANALYZE, BUFFERS, TIMING OFF, ") for statement in statements]
    return sum(root["Shared Hit Blocks"] + root["Shared Read Blocks"] for root in roots)
