"""Whose the tables of this database are: made by our migrations, adopted, or another program's."""

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder

FIRST = ("foodshare", "0001_initial")
ADOPTED_TABLES = """
    SELECT relname FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND obj_description(oid, 'pg_class') LIKE 'adopted%'
"""


def is_set_up(connection: BaseDatabaseWrapper) -> bool:
    """Whether the database has our first migration, made or adopted."""
    return FIRST in MigrationRecorder(connection).applied_migrations()


def our_apps(connection: BaseDatabaseWrapper) -> set[str]:
    """The labels of the apps whose migrations ran here for us.

    Only a database of ours has tables marked as adopted, also after all our migrations were reversed: adoption
    refuses one whose record of migrations is another program's.
    """
    with connection.cursor() as cursor:
        cursor.execute(ADOPTED_TABLES)
        is_ours = cursor.fetchone() is not None
    applied = MigrationRecorder(connection).applied_migrations()
    return {label for label, _ in applied} if is_ours or FIRST in applied else set()
