"""Taking over a database in which another program made `users`, `food_posts`, `exchanges` and `ratings`.

`problems()` looks before anything is written; `mark()` records the tables as adopted, so that `migrate` goes on
from them and no reversed migration drops them.
"""

from collections.abc import Iterator

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder
from psycopg import sql

from foodshare.db.adopted import FIRST, our_apps
from foodshare.models import Exchange, FoodPost
from ops import catalog, schema
from ops.catalog import Catalog
from ops.verification import Finding, State, by_columns, compare

TABLES = tuple(schema.GIVEN_TABLES)
MARK = "adopted by FoodShare"


def problems(connection: BaseDatabaseWrapper) -> list[str]:
    """What keeps the database from being adopted, each by the name of the object; empty when nothing does.

    `connection` is the owner role's. Reads the four tables once; writes nothing.
    """
    found = catalog.read(connection)
    if not found["table"].keys() & TABLES:
        return [f"there is none of {', '.join(TABLES)}: an empty database is set up by `manage.py migrate`"]
    shape = [*_unlike(found), *_not_ours(found), *_in_the_way(connection, found), *_rights(connection)]
    return shape or [*_bad_statuses(connection), *_bad_stars(connection), *_doubly_claimed(connection)]


def mark(connection: BaseDatabaseWrapper) -> None:
    """Record the four tables as adopted and our first migration as done, both or neither."""
    recorder = MigrationRecorder(connection)
    with transaction.atomic(connection.alias), connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute("SELECT obj_description(%s::regclass)", [table])
            (comment,) = cursor.fetchone()
            if not (comment or "").startswith("adopted"):
                text = f"{MARK}; {comment}" if comment else MARK
                cursor.execute(sql.SQL("COMMENT ON TABLE {} IS {}").format(sql.Identifier(table), sql.Literal(text)))
        recorder.ensure_schema()
        recorder.record_applied(*FIRST)


def _unlike(found: Catalog) -> Iterator[str]:
    """Tables, columns and keys that are not as document A takes them as given."""
    for table in TABLES:
        if table not in found["table"]:
            yield f"table {table}: missing"
    for finding in compare(schema.given(), found):
        if finding.fails and finding.state is not State.EXTRA and _table(finding) in found["table"]:
            yield (f"{finding.kind} {finding.name}: {finding.state.lower()}, expected {finding.expected}"
                   + f", found {finding.found}" * bool(finding.found))


def _table(finding: Finding) -> str:
    return finding.name.replace(".", " ").split()[0]


def _not_ours(found: Catalog) -> Iterator[str]:
    """Tables of another role, and columns that an INSERT of ours would not fill."""
    given = schema.given()["column"]
    for table in TABLES:
        if table in found["table"] and found["table"][table].definition.split(", ")[0] != _owned():
            yield f"table {table}: {found['table'][table].definition}; run ALTER TABLE {table} OWNER TO {_owner()}"
    for name, column in found["column"].items():
        required = " NOT NULL" in column.definition and not {"DEFAULT", "GENERATED"} & set(column.definition.split())
        if column.table in TABLES and name not in given and required:
            yield f"column {name}: NOT NULL without a default, and not known here"


def _owned() -> str:
    return f"owned by {_owner()}"


def _owner() -> str:
    return str(settings.OWNER_ROLE)


def _in_the_way(connection: BaseDatabaseWrapper, found: Catalog) -> Iterator[str]:
    """Objects with names that our migrations are to create."""
    ours, given, our_labels = schema.expected(connection), schema.given(), our_apps(connection)
    found = {**found, "constraint": by_columns(found["constraint"])}
    names = {
        "table": {model._meta.db_table for model in apps.get_models(include_auto_created=True)
                  if model._meta.app_label not in our_labels} - set(TABLES),
        "column": ours["column"].keys() - given["column"].keys(),
        "constraint": ours["constraint"].keys() - given["constraint"].keys(),
        "index": ours["index"].keys(),
        "function": ours["function"].keys(),
        "materialized view": {schema.SUMMARY},
    }
    for kind, later in names.items():
        for name in sorted(found[kind].keys() & later):
            yield f"{kind} {name}: in the way of our own"
    labels = {config.label for config in apps.get_app_configs()} - our_labels
    if taken := labels & {label for label, _ in MigrationRecorder(connection).applied_migrations()}:
        yield f"table django_migrations: another program's, with apps named like ours ({', '.join(sorted(taken))})"


def _rights(connection: BaseDatabaseWrapper) -> Iterator[str]:
    """What the two roles lack."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_schema_privilege(current_schema(), 'CREATE'), "
                       "EXISTS (SELECT FROM pg_roles WHERE rolname = %s)", [settings.RUNTIME_ROLE])
        may_create, has_runtime = cursor.fetchone()
    if not may_create:
        yield f"role {_owner()}: may not create tables; run GRANT CREATE ON SCHEMA public TO {_owner()}"
    if not has_runtime:
        yield f"role {settings.RUNTIME_ROLE}: missing; run CREATE ROLE {settings.RUNTIME_ROLE} LOGIN"


def _bad_statuses(connection: BaseDatabaseWrapper) -> Iterator[str]:
    for model in (FoodPost, Exchange):
        table, known = model._meta.db_table, [value for value, _ in model._meta.get_field("status").choices or ()]
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT status, count(*) FROM {table} WHERE status <> ALL(%s) GROUP BY 1 ORDER BY 1",
                           [known])
            for status, count in cursor.fetchall():
                yield f"column {table}.status: {count} rows hold {status!r}, which is none of {', '.join(known)}"


def _bad_stars(connection: BaseDatabaseWrapper) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT stars, count(*) FROM ratings WHERE stars NOT BETWEEN 1 AND 5 GROUP BY 1 ORDER BY 1")
        for stars, count in cursor.fetchall():
            yield f"column ratings.stars: {count} rows hold {stars}, which is not from 1 to 5"


def _doubly_claimed(connection: BaseDatabaseWrapper) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), min(food_id::text) FROM (SELECT food_id FROM exchanges "
                       "WHERE status <> 'cancelled' GROUP BY 1 HAVING count(*) > 1) posts")
        posts, example = cursor.fetchone()
    if posts:
        yield (f"column exchanges.food_id: {posts} posts have more than one exchange that is not cancelled, "
               f"{example} for one")
