"""`manage.py check --database default`: what a server of one's own lacks, and the statement that puts it right.

The settings come from the one table that also configures the embedded servers. Warnings are for what is unwise,
errors for what cannot work; an embedded server gives neither.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import DatabaseError, InterfaceError, OperationalError

from foodshare.db import standbys
from ops import web
from ops.servers.postgres_settings import EXTENSIONS, SETTINGS, SETTINGS_QUERY, findings

OLDEST, NEWEST = 15, 18

IDENTITY = """
    SELECT current_setting('server_version_num')::int, current_setting('server_encoding'), pg_is_in_recovery()
"""
EXTENSIONS_QUERY = """
    SELECT name, installed_version IS NOT NULL FROM pg_available_extensions WHERE name = ANY(%s)
"""
# Rights that the runtime role should not have; the tables are counted, as there may be thousands of partitions.
RIGHTS = """
    SELECT rolsuper, rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls,
           has_schema_privilege('public', 'CREATE'),
           has_database_privilege(current_database(), 'TEMPORARY'),
           coalesce(has_table_privilege(to_regclass('public.django_migrations'), 'INSERT, UPDATE, DELETE'), false),
           tables.owned > 0, tables.truncatable > tables.owned
    FROM pg_roles, (
        SELECT count(*) FILTER (WHERE pg_has_role(relowner, 'MEMBER')) AS owned,
               count(*) FILTER (WHERE has_table_privilege(oid, 'TRUNCATE')) AS truncatable
        FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'm')
    ) AS tables
    WHERE rolname = current_user
"""


@register(Tags.database)
def check_servers(app_configs: Any = None, databases: Sequence[str] | None = None,
                  **options: Any) -> list[CheckMessage]:
    """What is missing or unwise on the servers of `databases`, as far as the web processes and jobs use them."""
    return [message for alias in databases or () if alias != "owner" for message in check_server(alias)]


def check_server(alias: str) -> Iterator[CheckMessage]:
    connection = connections[alias]
    try:
        connection.ensure_connection()
    except (OperationalError, InterfaceError) as error:
        kind = Warning if alias in settings.REPLICA_ALIASES else Error
        yield kind(f"{alias}: the server cannot be reached: {error}".strip(), id="ops.E001",
                   hint=f"check {'REPLICA_URL' if kind is Warning else 'DATABASE_URL'}, and that the server runs")
        return
    [(version, encoding, in_recovery)] = query(connection, IDENTITY)
    yield from check_version(alias, version)
    yield from check_settings(connection, version)
    if alias in settings.REPLICA_ALIASES:
        yield from check_standby(connection, in_recovery)
    else:
        yield from check_encoding(encoding)
        yield from check_extensions(connection)
        yield from check_role(connection)
        yield from check_owner()
        yield from check_pools()


def check_version(alias: str, version: int) -> Iterator[CheckMessage]:
    major = version // 10_000
    if major < OLDEST:
        yield Error(f"{alias}: PostgreSQL {major} is too old", id="ops.E002",
                    hint=f"use PostgreSQL {OLDEST} to {NEWEST}")
    elif major > NEWEST:
        yield Warning(f"{alias}: PostgreSQL {major} is newer than any this was tested on", id="ops.W002",
                      hint=f"use PostgreSQL {OLDEST} to {NEWEST}")


def check_settings(connection: BaseDatabaseWrapper, version: int) -> Iterator[CheckMessage]:
    """Judge each setting that this role may see."""
    rows = query(connection, SETTINGS_QUERY, [setting.name for setting in SETTINGS])
    for finding in findings(rows, version):
        yield Warning(f"{connection.alias}: {finding.problem}", hint=finding.advice, id="ops.W003")


def check_standby(connection: BaseDatabaseWrapper, in_recovery: bool) -> Iterator[CheckMessage]:
    hint = "name a streaming standby of DATABASE_URL's server, or leave REPLICA_URL empty"
    if not in_recovery:
        yield Warning(f"{connection.alias}: REPLICA_URL names a server that is not a standby", id="ops.W004", hint=hint)
    with suppress(OperationalError, InterfaceError):  # that the primary cannot be reached is said of the primary
        if query(connection, standbys.IDENTITY) != query(connections["default"], standbys.IDENTITY):
            yield Error(f"{connection.alias}: REPLICA_URL names a copy of another database than DATABASE_URL's",
                        id="ops.E010", hint=hint)


def check_encoding(encoding: str) -> Iterator[CheckMessage]:
    if encoding != "UTF8":
        yield Error(f"the database's encoding is {encoding}, which cannot hold every name", id="ops.E005",
                    hint="make it anew: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0")


def check_extensions(connection: BaseDatabaseWrapper) -> Iterator[CheckMessage]:
    available = dict(query(connection, EXTENSIONS_QUERY, list(EXTENSIONS)))
    for name, purpose in EXTENSIONS.items():
        if not available.get(name):
            install = "" if name in available else "install PostgreSQL's contrib package on the server; then "
            yield Warning(f"the extension {name} is missing: {purpose}", id="ops.W006",
                          hint=f"{install}as superuser, in this database: CREATE EXTENSION {name};")
    if available.get("pg_stat_statements") and not works(connection, "SELECT 1 FROM pg_stat_statements LIMIT 1"):
        [preload] = [setting for setting in SETTINGS if setting.name == "shared_preload_libraries"]
        yield Warning("the extension pg_stat_statements is there, but its library is not loaded", id="ops.W007",
                      hint=preload.advice(""))


def check_role(connection: BaseDatabaseWrapper) -> Iterator[CheckMessage]:
    """The runtime role reads and writes rows; whoever takes over a web process should not get more."""
    role = connection.ops.quote_name(settings.RUNTIME_ROLE)
    database = connection.ops.quote_name(connection.settings_dict["NAME"])
    other = "run migrations under another role, named in DATABASE_OWNER_URL, that owns the tables"
    [(superuser, *lesser)] = query(connection, RIGHTS)
    verdicts = [
        ("may create roles or databases, replicate or pass row security",
         f"ALTER ROLE {role} NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS;"),
        ("may create tables", f"REVOKE CREATE ON SCHEMA public FROM PUBLIC, {role};"),
        ("may create temporary tables", f"REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC, {role};"),
        ("may write the record of migrations",
         f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM PUBLIC, {role};"),
        ("owns tables, and so may change and drop them", other),
        ("may truncate tables", f"REVOKE TRUNCATE ON ALL TABLES IN SCHEMA public FROM PUBLIC, {role};"),
    ]
    found = [verdict for verdict, is_so in zip(verdicts, lesser, strict=True) if is_so]
    if superuser:
        found = [("is a superuser", f"{other}, and ALTER ROLE {role} NOSUPERUSER;")]
    for verdict, hint in found:
        yield Warning(f"the runtime role {settings.RUNTIME_ROLE} {verdict}", hint=hint, id="ops.W008")


def check_owner() -> Iterator[CheckMessage]:
    """The owner's role reads statistics of all roles, of which monitoring would see only its own else."""
    connection = connections["owner"]
    try:
        [(may_monitor,)] = query(connection, "SELECT pg_has_role('pg_monitor', 'USAGE')")
    except (OperationalError, InterfaceError) as error:
        yield Error(f"owner: the server cannot be reached: {error}".strip(), id="ops.E001",
                    hint="check DATABASE_OWNER_URL")
        return
    if not may_monitor:
        role = connection.ops.quote_name(settings.OWNER_ROLE)
        yield Warning(f"the owner's role {settings.OWNER_ROLE} may not see what other roles run, nor how standbys do",
                      hint=f"as superuser: GRANT pg_monitor TO {role};", id="ops.W011")


def check_pools() -> Iterator[CheckMessage]:
    """Whether the pools of even one web process fit."""
    for each in web.pool_sums():
        if refusal := each.refusal(1):
            yield Warning(refusal, id="ops.W009",
                          hint="raise max_connections (and restart the server), or make POOL_SIZE, POOL_OVERFLOW, "
                               "REPLICA_POOL_SIZE or REPLICA_POOL_OVERFLOW smaller")


def query(connection: BaseDatabaseWrapper, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def works(connection: BaseDatabaseWrapper, statement: str) -> bool:
    try:
        query(connection, statement)
    except DatabaseError:
        return False
    return True
