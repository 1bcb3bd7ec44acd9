"""Migrations that mend what was found, written out to be put into an app: none blocks readers or writers."""

import re

from django.apps import apps
from django.db import connections
from django.db.migrations.loader import MigrationLoader

from foodshare.db.operations import LONGEST_NAME
from ops.monitoring.doctor.names import models_by_table
from ops.monitoring.sources.indexes import Index

OURS = ("foodshare", "groups", "reputation", "ops")  # apps whose migrations are written here
FILE = '''\
from django.db import migrations{models}
{imports}

class Migration(migrations.Migration):
    atomic = False  # each statement commits by itself
    dependencies = [({app!r}, {last!r})]
    operations = [
{operations}
    ]
'''


def app_of(table: str) -> str:
    """The app to which a migration of the table goes: its model's, or ops for the tables of packages."""
    model = models_by_table().get(table)
    label = model._meta.app_label if model else "ops"
    return label if label in OURS else "ops"


def migration(table: str, *operations: str, imports: str = "", uses_models: bool = False) -> str:
    """A file for the migrations of the table's app, after its last one."""
    app = app_of(table)
    [(_, last)] = MigrationLoader(connections["owner"]).graph.leaf_nodes(app)
    body = "\n".join(f"        {operation}," for operation in operations)
    return FILE.format(models=", models" if uses_models else "", imports=f"{imports}\n" if imports else "", app=app,
                       last=last, operations=body)


def run_sql(table: str, statement: str, reverse: str = "") -> str:
    """A migration of one statement."""
    undo = f"reverse_sql={reverse!r}" if reverse else "reverse_sql=migrations.RunSQL.noop"
    return migration(table, f"migrations.RunSQL({statement!r}, {undo})")


def index_name(table: str, columns: tuple[str, ...]) -> str:
    return f"{table}_{'_'.join(columns)}"[:LONGEST_NAME - len("_idx")].rstrip("_") + "_idx"


def create_index(table: str, columns: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """The statement, and the migration, that give a table an index."""
    name = index_name(table, columns)
    statement = f"CREATE INDEX CONCURRENTLY {name} ON {table} ({', '.join(columns)})"
    if is_partitioned(table):
        return partitioned_index(table, name, columns), run_partitioned(table, name, statement)
    fields = fields_of(table, columns)
    if fields is None:
        return (statement,), run_sql(table, statement, f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    operation = f"AddIndexConcurrently({model_name(table)!r}, models.Index(fields={fields!r}, name={name!r}))"
    return (statement,), migration(table, operation, uses_models=True,
                                   imports="from django.contrib.postgres.operations import AddIndexConcurrently")


def partitioned_index(table: str, name: str, columns: tuple[str, ...]) -> tuple[str, ...]:
    """Statements by which a partitioned table gets an index: its own, the partitions', and each attached."""
    listed, statements = ", ".join(columns), [f"CREATE INDEX {name} ON ONLY {table} ({', '.join(columns)})"]
    for parent, partition, is_leaf in tree(table):
        kind = "CONCURRENTLY " if is_leaf else ""
        only = "" if is_leaf else "ONLY "
        statements += [f"CREATE INDEX {kind}{part(partition, name)} ON {only}{partition} ({listed})",
                       f"ALTER INDEX {name if parent == table else part(parent, name)} "
                       f"ATTACH PARTITION {part(partition, name)}"]
    return tuple(statements)


def part(partition: str, index: str) -> str:
    """A partition's index, as CreatePartitionedIndexConcurrently names it."""
    return f"{partition}_{index}"[:LONGEST_NAME]


def tree(table: str) -> list[tuple[str, str, bool]]:
    """The parts of a partitioned table, each after the one that it is a part of: parent, name, whether it has rows."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT parentrelid::regclass::text, relid::regclass::text, isleaf FROM pg_partition_tree(%s) "
                       "WHERE level > 0 ORDER BY level, 2", [table])
        return [(parent, name, is_leaf) for parent, name, is_leaf in cursor.fetchall()]


def is_partitioned(table: str) -> bool:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_class WHERE oid = to_regclass(%s) AND relkind = 'p')", [table])
        return bool(cursor.fetchone()[0])


def run_partitioned(table: str, name: str, statement: str) -> str:
    """A migration by the project's own operation, with what its .sql file must hold."""
    app = app_of(table)
    return f"# {app}/sql/{name}.sql:\n# {statement}\n" + migration(
        table, f"CreatePartitionedIndexConcurrently({app!r}, {name!r})",
        imports="from foodshare.db.operations import CreatePartitionedIndexConcurrently")


def make_again(table: str, name: str, definition: str) -> tuple[tuple[str, ...], str]:
    """The statements, and the migration, that make an index of the schema again that is gone or not valid."""
    statement = re.sub(r"^CREATE (UNIQUE )?INDEX (?!CONCURRENTLY)", r"CREATE \1INDEX CONCURRENTLY ",
                       uncommented(definition))
    if is_partitioned(table):
        return (), run_partitioned(table, name, statement)
    drop = f"DROP INDEX CONCURRENTLY IF EXISTS {name}"
    return (drop, statement), migration(table, *(f"migrations.RunSQL({each!r}, migrations.RunSQL.noop)"
                                                 for each in (drop, statement)))


def uncommented(definition: str) -> str:
    return " ".join(re.sub(r"--[^\n]*", "", definition).replace('"', "").split()).rstrip("; ")


def drop_index(index: Index) -> tuple[tuple[str, ...], str]:
    """The statement, and the migration, that take an index away; the latter can be undone."""
    if index.is_partitioned:  # together with those of the partitions, for which no concurrent way exists
        return (f"DROP INDEX {index.name}",), run_sql(index.table, f"DROP INDEX IF EXISTS {index.name}",
                                                      index.definition.replace(" ON ONLY ", " ON "))
    statement = f"DROP INDEX CONCURRENTLY {index.name}"
    model = models_by_table().get(index.table)
    if model and index.name in {each.name for each in model._meta.indexes}:
        operation = f"RemoveIndexConcurrently({model_name(index.table)!r}, {index.name!r})"
        return (statement,), migration(index.table, operation, imports="from django.contrib.postgres.operations import "
                                                                       "RemoveIndexConcurrently")
    return (statement,), run_sql(index.table, f"DROP INDEX CONCURRENTLY IF EXISTS {index.name}", concurrently(index))


def concurrently(index: Index) -> str:
    """The statement that makes the index while its table is in use."""
    return re.sub(r"^CREATE (UNIQUE )?INDEX ", lambda match: f"{match[0]}CONCURRENTLY ", index.definition)


def model_name(table: str) -> str:
    name: str | None = models_by_table()[table]._meta.model_name
    return name or ""


def fields_of(table: str, columns: tuple[str, ...]) -> list[str] | None:
    """The fields of these columns; None where the table's model is not of an app of ours, or has no such fields."""
    model = models_by_table().get(table)
    if model is None or model._meta.app_label not in OURS or not apps.is_installed(model._meta.app_label):
        return None
    names = {field.column: field.name for field in model._meta.local_concrete_fields}
    return [names[column] for column in columns] if set(columns) <= names.keys() else None
