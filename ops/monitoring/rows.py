"""Asking PostgreSQL for typed rows."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from django.db.backends.base.base import BaseDatabaseWrapper

T = TypeVar("T")


def fetch(kind: Callable[..., T], connection: BaseDatabaseWrapper, statement: str,
          values: Sequence[Any] | Mapping[str, Any] | None = None) -> list[T]:
    """Each row as a `kind`, which is called with its columns."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [kind(*row) for row in cursor.fetchall()]


def row(connection: BaseDatabaseWrapper, statement: str,
        values: Sequence[Any] | Mapping[str, Any] | None = None) -> tuple[Any, ...]:
    """The one row of an answer."""
    [found] = fetch(lambda *columns: columns, connection, statement, values)
    return found
