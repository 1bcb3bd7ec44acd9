"""Migration operations that run the .sql files of an app's `sql/` folder."""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from zlib import crc32

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.utils import CursorWrapper
from django.db.migrations import RunSQL
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from foodshare.db.locks import session_lock_timeout

ROOT = Path(__file__).resolve().parents[2]
LONGEST_NAME = 63  # characters that PostgreSQL keeps of a name
PARTITIONED_INDEX = re.compile(r"^CREATE (?P<unique>UNIQUE )?INDEX CONCURRENTLY (?P<index>\w+)\s+"
                               r"ON (?P<table>\w+) (?P<rest>.+?);?\s*\Z", re.M | re.S)
# The partitions of a table that have no whole part of its index: by name, with what part they have.
WITHOUT_INDEX = """
    SELECT t.relname, i.relname
    FROM pg_inherits p
    JOIN pg_class t ON t.oid = p.inhrelid
    LEFT JOIN (pg_index x JOIN pg_inherits a ON a.inhrelid = x.indexrelid AND a.inhparent = %(index)s::regclass
               JOIN pg_class i ON i.oid = x.indexrelid) ON x.indrelid = t.oid
    WHERE p.inhparent = %(table)s::regclass AND NOT p.inhdetachpending AND x.indisvalid IS NOT true
    ORDER BY 1
"""


@cache
def sql(app: str, name: str) -> str:
    """The text of `<app>/sql/<name>.sql`."""
    return (ROOT / app / "sql" / f"{name}.sql").read_text(encoding="utf-8")


class RunSQLFile(RunSQL):
    """Run `<app>/sql/<name>.sql`; reversed by `<name>.down.sql` beside it, or by nothing where there is none."""

    def __init__(self, app: str, name: str, state_operations: Sequence[Operation] = ()) -> None:
        reversible = (ROOT / app / "sql" / f"{name}.down.sql").exists()
        super().__init__(sql(app, name), sql(app, f"{name}.down") if reversible else RunSQL.noop,
                         state_operations=list(state_operations))
        self.app, self.name = app, name

    def describe(self) -> str:
        return f"Run {self.app}/sql/{self.name}.sql"


class CreateIndexConcurrently(RunSQL):
    """Run `<app>/sql/<index>.sql`, one CREATE INDEX CONCURRENTLY, in a non-atomic migration.

    An INVALID index that an interrupted run left under the name is dropped first: `IF NOT EXISTS`
    would take it for done. The lock timeout is lifted, as the statement waits for older transactions
    without holding up anyone, and giving up would leave such an invalid index behind.
    """

    def __init__(self, app: str, index: str, state_operations: Sequence[Operation] = ()) -> None:
        super().__init__(sql(app, index), f"DROP INDEX CONCURRENTLY IF EXISTS {index}",
                         state_operations=list(state_operations))
        self.app, self.index = app, index

    def describe(self) -> str:
        return f"Create index {self.index} concurrently"

    def database_forwards(self, app_label: str, schema_editor: BaseDatabaseSchemaEditor,
                          from_state: ProjectState, to_state: ProjectState) -> None:
        if schema_editor.collect_sql:
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        with schema_editor.connection.cursor() as cursor:
            create_concurrently(cursor, self.index, str(self.sql))


class CreatePartitionedIndexConcurrently(CreateIndexConcurrently):
    """Run `<app>/sql/<index>.sql`, one CREATE INDEX CONCURRENTLY on a partitioned table, in a non-atomic migration.

    PostgreSQL has no such statement: the parent's index is made on it alone, and is not valid; each partition gets its
    own concurrently, which is then attached; the last one makes the parent's valid. Levels below are done likewise.
    A run that was interrupted goes on where it ended; a partition that is attached meanwhile brings its own index.
    """

    def __init__(self, app: str, index: str, state_operations: Sequence[Operation] = ()) -> None:
        super().__init__(app, index, state_operations)
        self.reverse_sql = f"DROP INDEX IF EXISTS {index}"  # and, with it, those of the partitions
        match = PARTITIONED_INDEX.search(str(self.sql))
        if match is None or match["index"] != index:
            raise ValueError(f"{app}/sql/{index}.sql must hold CREATE INDEX CONCURRENTLY {index} ON <table> …")
        self.unique, self.table, self.rest = match["unique"] or "", match["table"], match["rest"]

    def database_forwards(self, app_label: str, schema_editor: BaseDatabaseSchemaEditor,
                          from_state: ProjectState, to_state: ProjectState) -> None:
        if schema_editor.collect_sql:
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        with schema_editor.connection.cursor() as cursor:
            self.build(cursor, self.table, self.index)

    def build(self, cursor: CursorWrapper, table: str, index: str) -> None:
        """Make the index of one table: of a partition's rows, or of what is partitioned in its turn."""
        cursor.execute("SELECT relkind = 'p' FROM pg_class WHERE oid = %s::regclass", [table])
        if cursor.fetchone() != (True,):
            create_concurrently(cursor, index, self.statement(f"CONCURRENTLY {index} ON {table}"))
            return
        cursor.execute("SELECT to_regclass(%s) IS NULL", [index])
        if cursor.fetchone() == (True,):
            cursor.execute(self.statement(f"{index} ON ONLY {table}"))
        cursor.execute(WITHOUT_INDEX, {"table": table, "index": index})
        for partition, attached in cursor.fetchall():
            name = attached or self.name_of(partition)
            self.build(cursor, partition, name)
            if not attached:
                cursor.execute(f"ALTER INDEX {index} ATTACH PARTITION {name}")

    def statement(self, what: str) -> str:
        return f"CREATE {self.unique}INDEX {what} {self.rest}"

    def name_of(self, partition: str) -> str:
        return index_of_partition(partition, self.table, self.index)


def index_of_partition(partition: str, table: str, index: str) -> str:
    """The name of a partition's part of the table's index: the same in every run."""
    name = f"{partition}_{index.removeprefix(f'{table}_')}"
    return name if len(name) <= LONGEST_NAME else f"{partition}_{crc32(index.encode()):08x}"


def create_concurrently(cursor: CursorWrapper, index: str, statement: str) -> None:
    """Run `statement`, a CREATE INDEX CONCURRENTLY, unless it was done; what an interrupted run left goes first."""
    cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", [index])
    row = cursor.fetchone()
    if row == (True,):
        return
    with session_lock_timeout(cursor.db, "0"):
        if row == (False,):
            cursor.execute(f"DROP INDEX CONCURRENTLY {index}")
        cursor.execute(statement)
