"""Migration operations that run the .sql files of an app's `sql/` folder."""

from collections.abc import Sequence
from pathlib import Path

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunSQL
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

ROOT = Path(__file__).resolve().parents[2]


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
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", [self.index])
            row = cursor.fetchone()
            if row == (False,):
                cursor.execute(f"DROP INDEX CONCURRENTLY {self.index}")
            if row == (True,):
                return
            cursor.execute("SELECT current_setting('lock_timeout')")
            (timeout,) = cursor.fetchone()
            cursor.execute("SET lock_timeout = 0")
            try:
                super().database_forwards(app_label, schema_editor, from_state, to_state)
            finally:
                cursor.execute("SELECT set_config('lock_timeout', %s, false)", [timeout])
