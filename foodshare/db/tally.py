"""What a request or job asked of the databases."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Tally:
    """How many statements ran, how many seconds were waited for them, the rows that they returned or changed, and how
    often each was run, by its text with %s for values."""

    __slots__ = ("queries", "rows", "seconds", "statements")

    def __init__(self) -> None:
        self.queries = self.rows = 0
        self.seconds = 0.0
        self.statements: dict[str, int] = {}

    def add(self, statement: object, seconds: float, rows: int) -> None:
        """Count a statement; of one that psycopg composes, and of one that failed, only that it ran."""
        self.queries += 1
        self.seconds += seconds
        if rows > 0:
            self.rows += rows
        if isinstance(statement, str):
            self.statements[statement] = self.statements.get(statement, 0) + 1

    def drained(self) -> dict[str, int]:
        """How often each statement was run since this was last asked."""
        taken, self.statements = self.statements, {}
        return taken


current: ContextVar[Tally | None] = ContextVar("tally", default=None)


@contextmanager
def tallying() -> Iterator[Tally]:
    """Count what the block asks of the databases."""
    tally = Tally()
    token = current.set(tally)
    try:
        yield tally
    finally:
        current.reset(token)
