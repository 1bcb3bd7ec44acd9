"""Databases of a test's own, beside the one that all tests share."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import OperationalError

from foodshare.db import standbys

SESSIONS = "SELECT pid, usename, application_name, state, left(query, 200) FROM pg_stat_activity WHERE datname = %s"


@contextmanager
def scratch_database(suffix: str, template: str = "template0") -> Iterator[str]:
    """A new database of the owner's, which the aliases "owner" and "default" use meanwhile."""
    owner, default = connections["owner"], connections["default"]
    shared = {alias: connections[alias].settings_dict["NAME"] for alias in ("owner", "default")}
    name = f"{settings.DATABASES['owner']['NAME']}_{suffix}"
    leave_all()
    recreate(owner, name, template)
    owner.settings_dict["NAME"] = default.settings_dict["NAME"] = name
    try:
        yield name
    finally:
        leave_all()
        for alias, before in shared.items():
            connections[alias].settings_dict["NAME"] = before
        drop(owner, name)


def recreate(owner: BaseDatabaseWrapper, name: str, template: str) -> None:
    drop(owner, name)
    with owner._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {owner.ops.quote_name(name)} TEMPLATE {owner.ops.quote_name(template)}")
    revoke_temporary(owner, name)


def pristine(name: str) -> str:
    """The copy of the test database `name` that nobody connects to: what others may be made from."""
    return f"{name}_pristine"


def revoke_temporary(owner: BaseDatabaseWrapper, name: str) -> None:
    """Leave temporary tables to the owner, as an administrator does by ops/roles.sql."""
    with owner._nodb_cursor() as cursor:
        cursor.execute(f"REVOKE TEMPORARY ON DATABASE {owner.ops.quote_name(name)} FROM PUBLIC")


def drop(owner: BaseDatabaseWrapper, name: str) -> None:
    """Raises AssertionError that names who still uses it."""
    with owner._nodb_cursor() as cursor:
        try:
            cursor.execute(f"DROP DATABASE IF EXISTS {owner.ops.quote_name(name)}")
        except OperationalError as error:
            cursor.execute(SESSIONS, [name])
            raise AssertionError(f"{error}: {cursor.fetchall()}") from error


def leave_all() -> None:
    """Close the connections of this thread, and those by which this process watches the servers."""
    standbys.stop()
    close_all()


def close_all() -> None:
    for alias in ("owner", "default"):
        connections[alias].close()


def run(statement: str, *values: Any, alias: str = "owner") -> None:
    """Run one statement."""
    with connections[alias].cursor() as cursor:
        cursor.execute(statement, values or None)


def rows(query: str, *values: Any, alias: str = "owner") -> list[tuple[Any, ...]]:
    """All rows of a query."""
    with connections[alias].cursor() as cursor:
        cursor.execute(query, values or None)
        return list(cursor.fetchall())


def value(query: str, *values: Any, alias: str = "owner") -> Any:
    """The only value of a query's only row."""
    [(only,)] = rows(query, *values, alias=alias)
    return only


def connect_parameters() -> dict[str, Any]:
    """How psycopg reaches the database that the alias "owner" uses now, for another program's connection."""
    config = connections["owner"].settings_dict
    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    return {key: config[name] for key, name in names.items()}
