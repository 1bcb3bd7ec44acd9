"""Which endpoint runs which statement: counted here by the statements' texts, and written by their fingerprints.

An endpoint is a method and a route, `job` and a task's name, or `command` and a command's.
"""

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.db import DatabaseError, InterfaceError, connections

from foodshare.db.tally import Tally, current, tallying
from ops.models import StatementEndpoint
from ops.monitoring import slow
from ops.monitoring.fingerprint import fingerprint, normal

WRITE_EVERY = 10.0  # seconds
MOST = 5000  # pairs of a process that are counted between two writes; more are not
WRITE = """
    INSERT INTO statement_endpoints AS known (fingerprint, endpoint, statement, calls)
    SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[])
    ON CONFLICT (fingerprint, endpoint)
    DO UPDATE SET calls = known.calls + excluded.calls, seen_at = now() AT TIME ZONE 'UTC'
"""
Pair = tuple[str, str]  # endpoint and statement, as its text or as its fingerprint
logger = logging.getLogger("ops.monitoring")
_lock = threading.Lock()
_pending: dict[Pair, int] = {}


@dataclass(frozen=True)
class Ran:
    """That an endpoint has run a statement so many times, over all processes."""

    endpoint: str
    calls: int


def endpoints_of(fingerprint: str) -> list[Ran]:
    """The endpoints that run a statement, the most frequent first."""
    rows = StatementEndpoint.objects.filter(fingerprint=fingerprint).order_by("-calls", "endpoint")
    return [Ran(*row) for row in rows.values_list("endpoint", "calls")[:100]]


def note(endpoint: str, statements: Mapping[str, int]) -> None:
    """Count what an endpoint ran, and how often."""
    with _lock:
        for statement, calls in statements.items():
            pair = endpoint, statement
            if pair in _pending or len(_pending) < MOST:
                _pending[pair] = _pending.get(pair, 0) + calls


@contextmanager
def noted(endpoint: str) -> Iterator[None]:
    """Count what the block runs, and log what of it is slow."""
    with tallying(slow.statements_from()) as tally:
        try:
            yield
        finally:
            note_all(endpoint, tally)


def noting(endpoint: str, work: Callable[..., Any]) -> Callable[..., Any]:
    """A function whose every call is counted."""

    @wraps(work)
    def counted(*args: Any, **options: Any) -> Any:
        with noted(endpoint):
            return work(*args, **options)

    return counted


def follow(endpoint: str) -> None:
    """Count what this thread runs from now on, and write it every few seconds."""
    tally = Tally(slow.statements_from())
    current.set(tally)
    Writer(lambda: note_all(endpoint, tally.drained())).start()


def note_all(endpoint: str, tally: Tally) -> None:
    note(endpoint, tally.statements)
    slow.tell_statements({"endpoint": endpoint}, tally.slow)


class Writer(threading.Thread):
    """Writes every few seconds what was counted, after the step `before`."""

    def __init__(self, before: Callable[[], None] = lambda: None) -> None:
        super().__init__(name="endpoints", daemon=True)
        self.before = before

    def run(self) -> None:
        while True:
            time.sleep(WRITE_EVERY)
            try:
                self.before()
                write()
            except Exception:  # whatever it is, without this thread nothing would ever be written again
                logger.exception("monitoring: endpoints cannot be written")
            connections.close_all()


def write() -> None:
    """Add what was counted to what the database knows; while that is away, go on counting."""
    with _lock:
        taken = dict(_pending)
        _pending.clear()
    if not taken:
        return
    try:
        store(taken)
    except (DatabaseError, InterfaceError) as error:
        logger.info("monitoring: endpoints are written later: %s", f"{error}".strip())
        with _lock:
            for pair, calls in taken.items():
                _pending[pair] = _pending.get(pair, 0) + calls


def store(counts: Mapping[Pair, int]) -> None:
    """Add these, in one order, so that processes do not wait for each other in a circle."""
    sums: dict[Pair, int] = defaultdict(int)
    texts: dict[str, str] = {}
    for (endpoint, statement), calls in counts.items():
        key = fingerprint(statement)
        sums[key, endpoint] += calls
        texts[key] = normal(statement)
    rows = [(key, endpoint, texts[key], calls) for (key, endpoint), calls in sorted(sums.items())]
    with connections["default"].cursor() as cursor:
        cursor.execute(WRITE, [list(column) for column in zip(*rows, strict=True)])
