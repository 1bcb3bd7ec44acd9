"""SQL expressions that Django does not have."""

import re

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, Func, Value
from django.db.models.sql.compiler import SQLCompiler

WORD = re.compile(r"[a-z_]+")


class Literal(Value):
    """A word of our own, such as a status, written into the statement instead of sent beside it.

    A partial index serves a prepared statement only when its predicate's constant stands in the text.
    Raises ValueError for anything but lower-case letters and underscores.
    """

    def __init__(self, word: str) -> None:
        if not WORD.fullmatch(word):
            raise ValueError(f"{word!r} is not a plain word")
        super().__init__(str(word))

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[str | int, ...]]:
        return f"'{self.value}'", ()


class IsAnyOf(Func):
    """Whether a column equals any member of an array: `filter(IsAnyOf("column", ArraySubquery(…)))`.

    PostgreSQL never turns it into a join, as it does `IN (subquery)`.
    """

    arity = 2
    arg_joiner = " = ANY ("
    template = "%(expressions)s)"
    output_field = BooleanField()
