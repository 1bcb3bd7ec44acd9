"""How monitoring asks the database: named queries, each given up after TIMEOUT."""

from typing import Any

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from foodshare.db.operations import sql

TIMEOUT = "2s"
MOST = 10_000  # rows that one question is answered with, where nothing less is asked for


def rows_of(query: str, alias: str = "owner", **values: Any) -> list[dict[str, Any]]:
    """The rows of a named query of this app, by column. Raises DatabaseError."""
    return rows(connections[alias], sql("ops", f"queries/{query}"), {"most": MOST} | values)


def rows(connection: BaseDatabaseWrapper, statement: str, values: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """The rows of a statement, by column; arrays are tuples. Raises DatabaseError."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = '{TIMEOUT}'")
        cursor.execute(statement, values)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, map(frozen, row), strict=True)) for row in cursor.fetchall()]


def frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
