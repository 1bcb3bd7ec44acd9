"""PostgreSQL's own extensions: statement statistics, text search by part of a word, GIN indexes of plain columns."""

import logging

from django.db import migrations, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.utils import DatabaseError
from psycopg.errors import DependentObjectsStillExist, FeatureNotSupported, InsufficientPrivilege, UndefinedFile

log = logging.getLogger(__name__)

EXTENSIONS = ("pg_stat_statements", "pg_trgm", "btree_gin")
REFUSALS = (InsufficientPrivilege, UndefinedFile, FeatureNotSupported)  # not allowed, or not on this server
MARK = "created by FoodShare"


def create(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Create and mark what is not there; where this role may not, say what an administrator must run."""
    alias = schema_editor.connection.alias
    for name in EXTENSIONS:
        try:
            with transaction.atomic(alias), schema_editor.connection.cursor() as cursor:
                cursor.execute("SELECT FROM pg_extension WHERE extname = %s", [name])
                if cursor.fetchone() is None:
                    cursor.execute(f"CREATE EXTENSION {name}")
                    cursor.execute(f"COMMENT ON EXTENSION {name} IS '{MARK}'")
        except DatabaseError as error:
            if not isinstance(error.__cause__, REFUSALS):
                raise
            log.warning("%s; an administrator must run in this database: CREATE EXTENSION %s",
                        str(error).splitlines()[0], name)


def drop(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Drop what was created here, unless another program has come to use it; leave what others created."""
    alias = schema_editor.connection.alias
    for name in EXTENSIONS:
        try:
            with transaction.atomic(alias), schema_editor.connection.cursor() as cursor:
                cursor.execute("SELECT FROM pg_extension WHERE extname = %s "
                               "AND obj_description(oid, 'pg_extension') = %s", [name, MARK])
                if cursor.fetchone() is not None:
                    cursor.execute(f"DROP EXTENSION {name}")
        except DatabaseError as error:
            if not isinstance(error.__cause__, DependentObjectsStillExist):
                raise
            log.warning("extension %s is left: other objects of this database need it", name)


class Migration(migrations.Migration):
    dependencies = [
        ("foodshare", "0007_platform_indexes"),
    ]
    operations = [
        migrations.RunPython(create, drop),
    ]
