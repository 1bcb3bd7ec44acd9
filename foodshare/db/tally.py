"""What a request or job asked of the databases."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

MOST_SLOW = 10  # slow statements of a request that are kept


@dataclass(frozen=True, slots=True)
class Slow:
    """A statement that took long, with %s for values, and the server it was sent to."""

    statement: str
    alias: str
    seconds: float
    rows: int


class Tally:
    """How many statements ran, how many seconds were waited for them, the rows that they returned or changed, and how
    often each was run, by its text with %s for values; the first that took `slow_from` seconds are kept."""

    __slots__ = ("queries", "rows", "seconds", "slow", "slow_from", "statements")

    def __init__(self, slow_from: float = float("inf")) -> None:
        self.queries = self.rows = 0
        self.seconds = 0.0
        self.statements: dict[str, int] = {}
        self.slow: list[Slow] = []
        self.slow_from = slow_from

    def add(self, statement: object, alias: str, seconds: float, rows: int) -> None:
        """Count a statement; of one that psycopg composes, and of one that failed, only that it ran."""
        self.queries += 1
        self.seconds += seconds
        if rows > 0:
            self.rows += rows
        if isinstance(statement, str):
            self.statements[statement] = self.statements.get(statement, 0) + 1
            if seconds >= self.slow_from and len(self.slow) < MOST_SLOW:
                self.slow.append(Slow(statement, alias, seconds, max(rows, 0)))

    def drained(self) -> "Tally":
        """What was counted since this was last asked."""
        taken, fresh = Tally(self.slow_from), Tally(self.slow_from)
        for name in self.__slots__:
            setattr(taken, name, getattr(self, name))
            setattr(self, name, getattr(fresh, name))
        return taken


current: ContextVar[Tally | None] = ContextVar("tally", default=None)


@contextmanager
def tallying(slow_from: float = float("inf")) -> Iterator[Tally]:
    """Count what the block asks of the databases, and keep statements that took `slow_from` seconds."""
    tally = Tally(slow_from)
    token = current.set(tally)
    try:
        yield tally
    finally:
        current.reset(token)
