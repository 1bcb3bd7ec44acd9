"""The SQL that mends what was found, and migrations that do the same, written out to be put into an app.

What takes long blocks neither readers nor writers. To drop a partitioned table's index takes the table for a moment.
"""

import re
from zlib import crc32

from django.apps import apps
from django.db import connections, models
from django.db.migrations.loader import MigrationLoader

from foodshare.db.operations import index_of_partition
from ops.monitoring.doctor.names import models_by_table
from ops.monitoring.sources.indexes import Index

OURS = ("foodshare", "groups", "reputation", "ops")  # apps whose migrations are written here
DEFINITION = re.compile(r"CREATE (?P<unique>UNIQUE )?INDEX (?:CONCURRENTLY )?.+? ON (?:ONLY )?(?:public\.)?"
                        r'(?P<table>"[^"]+"|\S+) (?P<rest>.+)')
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


def quoted(name: str) -> str:
    """A name as SQL has it: in quotes where it has capitals, or is a word of the language."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT quote_ident(%s)", [name])
        return str(cursor.fetchone()[0])


def bare(table: str) -> str:
    """A table's name without the quotes that PostgreSQL prints round it."""
    return table.strip('"').replace('""', '"')


def index_name(table: str, columns: tuple[str, ...]) -> str:
    """A name for an index of columns, which Django takes too: it allows 30 characters."""
    name = f"{bare(table)}_{'_'.join(columns)}_idx"
    if len(name) <= models.Index.max_name_length and name[0].isalpha():
        return name
    return f"i_{bare(table)[:15].rstrip('_')}_{crc32(name.encode()):08x}_idx"


def create_index(table: str, columns: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """The statements, and the migration, that give a table an index that no migration makes."""
    name = index_name(table, columns)
    keys = f"({', '.join(map(quoted, columns))})"
    statement = f"CREATE INDEX CONCURRENTLY {quoted(name)} ON {table} {keys}"
    fields = fields_of(table, columns)
    index = f"models.Index(fields={fields!r}, name={name!r})"
    if is_partitioned(table):
        return partitioned_index(table, name, keys), run_partitioned(table, name, statement, index if fields else "")
    if fields is None:
        return (statement,), run_sql(table, statement, f"DROP INDEX CONCURRENTLY IF EXISTS {quoted(name)}")
    operation = f"AddIndexConcurrently({model_name(table)!r}, {index})"
    return (statement,), to_meta(table, index) + migration(
        table, operation, uses_models=True,
        imports="from django.contrib.postgres.operations import AddIndexConcurrently")


def to_meta(table: str, index: str) -> str:
    """What the model must say, or the next makemigrations takes the index away."""
    return f"# Meta.indexes of {models_by_table()[table]._meta.label} must have it too:\n#     {index}\n"


def partitioned_index(table: str, name: str, rest: str, unique: str = "") -> tuple[str, ...]:
    """Statements by which a partitioned table gets an index: its own, the partitions', and each attached. `rest` is
    what follows the table's name in the definition."""
    names = {table: quoted(name)}
    statements = [f"CREATE {unique}INDEX {names[table]} ON ONLY {table} {rest}"]
    for parent, partition, is_leaf in tree(table):
        names[partition] = quoted(index_of_partition(bare(partition), bare(table), name))
        kind, only = ("CONCURRENTLY ", "") if is_leaf else ("", "ONLY ")
        statements += [f"CREATE {unique}INDEX {kind}{names[partition]} ON {only}{partition} {rest}",
                       f"ALTER INDEX {names[parent]} ATTACH PARTITION {names[partition]}"]
    return tuple(statements)


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


def run_partitioned(table: str, name: str, statement: str, index: str = "") -> str:
    """A migration by the project's own operation, with what its .sql file must hold, and the model's Meta."""
    app, state = app_of(table), ""
    if index:
        state = f", state_operations=[migrations.AddIndex({model_name(table)!r}, {index})]"
    return f"# {app}/sql/{name}.sql:\n# {statement}\n" + (to_meta(table, index) if index else "") + migration(
        table, f"CreatePartitionedIndexConcurrently({app!r}, {name!r}{state})", uses_models=bool(index),
        imports="from foodshare.db.operations import CreatePartitionedIndexConcurrently")


def put_back(name: str, definition: str) -> tuple[str, ...]:
    """The statements that make an index again, which is gone or not valid, as it is defined."""
    match = DEFINITION.match(definition)
    if match is None:
        raise ValueError(f"{name} is not defined by CREATE INDEX")
    unique, table, rest = match["unique"] or "", match["table"], match["rest"]
    is_parted = is_partitioned(table)
    drop = (drop_statement(name, is_parted),) if is_there(name) else ()
    if is_parted:
        return *drop, *partitioned_index(table, name, rest, unique)
    unless = "" if drop else "IF NOT EXISTS "
    return *drop, f"CREATE {unique}INDEX CONCURRENTLY {unless}{quoted(name)} ON {table} {rest}"


def is_there(index: str) -> bool:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [quoted(index)])
        return bool(cursor.fetchone()[0])


def drop_statement(name: str, is_partitioned: bool) -> str:
    """One of a partitioned table goes with those of the partitions, for which there is no way beside writes."""
    return f"DROP INDEX {'' if is_partitioned else 'CONCURRENTLY '}IF EXISTS {quoted(name)}"


def uncommented(definition: str) -> str:
    return " ".join(re.sub(r"--[^\n]*", "", definition).replace('"', "").split()).rstrip("; ")


def drop_index(index: Index) -> tuple[tuple[str, ...], str]:
    """The statement, and the migration, that take an index away; the latter can be undone."""
    if index.constraint_name:
        statement = f"ALTER TABLE {index.table} DROP CONSTRAINT {quoted(index.constraint_name)}"
        return (statement,), run_sql(index.table, statement)
    statement = drop_statement(index.name, index.is_partitioned)
    if index.is_partitioned:
        return (statement,), run_sql(index.table, statement, index.definition.replace(" ON ONLY ", " ON "))
    model = models_by_table().get(index.table)
    if model and index.name in {each.name for each in model._meta.indexes}:
        operation = f"RemoveIndexConcurrently({model_name(index.table)!r}, {index.name!r})"
        return (statement,), migration(index.table, operation, imports="from django.contrib.postgres.operations import "
                                                                       "RemoveIndexConcurrently")
    return (statement,), run_sql(index.table, statement, concurrently(index))


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
