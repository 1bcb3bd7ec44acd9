"""Django's PostgreSQL backend with the project's pool."""

import time
from collections.abc import Callable
from typing import Any, ClassVar

import psycopg
from django.conf import settings
from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql.base import DatabaseWrapper as PostgreSQLWrapper

from foodshare.db.pools import PatientConnection, Pool
from foodshare.db.tally import current as tallied

WRITES = ("INSERT", "UPDATE", "DELETE", "MERGE", "COPY")  # how what the server says of such a statement begins


def note(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """An execute wrapper that notes on the connection whether a statement wrote, and counts it where that is wanted."""
    tally, begun = tallied.get(), time.perf_counter()
    cursor, rows = context["cursor"].cursor, 0
    try:
        result = execute(sql, params, many, context)
        rows = cursor.rowcount
    finally:
        if tally is not None:
            tally.add(sql, context["connection"].alias, time.perf_counter() - begun, rows)
    context["connection"].has_written |= (cursor.statusmessage or "").startswith(WRITES)
    return result


class PatientDriver:
    """psycopg, but that a connection without a pool is a PatientConnection too."""

    connect = staticmethod(PatientConnection.connect)

    def __getattr__(self, name: str) -> Any:
        return getattr(psycopg, name)


class DatabaseWrapper(PostgreSQLWrapper):
    Database = PatientDriver()  # type: ignore[assignment]
    has_written = False  # since it was last set so; a WITH that writes and ends in SELECT goes unnoticed
    _connection_pools: ClassVar[dict[str, Pool]]  # by alias, of the whole process

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.execute_wrappers.append(note)

    def _configure_connection(self, connection: Any) -> bool:
        """Called once for each connection, by Django or by the pool."""
        connection.made_at = time.monotonic()  # or shortly before
        return bool(super()._configure_connection(connection))  # type: ignore[misc]

    @property
    def pool(self) -> Pool | None:
        """This process's pool of this database, made when first asked for; None where settings order none."""
        options = self.settings_dict["OPTIONS"].get("pool")
        if self.alias == NO_DB_ALIAS or not options:
            return None
        if self.alias not in self._connection_pools:  # of two threads that make one, the first one's stays
            self._connection_pools.setdefault(self.alias, self.make_pool(options))
        return self._connection_pools[self.alias]

    def make_pool(self, options: dict[str, Any]) -> Pool:
        return Pool(name=self.alias, standby=self.alias in settings.REPLICA_ALIASES,
                    kwargs=self.get_connection_params() | {"autocommit": True},  # Django sets it as it needs it
                    configure=self._configure_connection, **options)
