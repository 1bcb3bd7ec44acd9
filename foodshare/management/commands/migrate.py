"""Django's migrate, run by the owner, patient about locks, and careful with another program's tables."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands.migrate import Command as MigrateCommand
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import OperationalError, ProgrammingError
from psycopg.errors import Diagnostic, InsufficientPrivilege

from foodshare.db.adopted import is_set_up, our_apps
from foodshare.db.locks import LOCK_TIMEOUT, LocksTaken, retry
from foodshare.db.roles import grant_runtime


class Command(MigrateCommand):
    help = (
        "Update the database schema, as the owner role, and grant the runtime role its rights. A step that "
        "cannot get its lock within 0.3 s is rolled back and tried again, so writers are never held up for long."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        refuse_foreign_tables(connection)
        try:
            retry(lambda: self.migrate(connection, *args, **options), self.say_again)
        except (OperationalError, LocksTaken) as error:
            raise CommandError(f"{error}".strip()) from error
        except ProgrammingError as error:
            if isinstance(error.__cause__, InsufficientPrivilege):
                raise CommandError(f"{error}\nmigrate needs the owner's role: set DATABASE_OWNER_URL") from error
            raise
        if settings.RUNTIME_ROLE != settings.OWNER_ROLE:
            grant_runtime(connection, settings.RUNTIME_ROLE)

    def migrate(self, connection: BaseDatabaseWrapper, *args: Any, **options: Any) -> None:
        self.prepare(connection)
        try:
            super().handle(*args, **options)
        except OperationalError:
            reset(connection)
            raise

    def say_again(self, attempt: int) -> None:
        self.stderr.write(f"a lock was not free within {LOCK_TIMEOUT}; trying again ({attempt})")

    def prepare(self, connection: BaseDatabaseWrapper) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [LOCK_TIMEOUT])
        connection.connection.add_notice_handler(self.show_warning)

    def show_warning(self, notice: Diagnostic) -> None:
        """Pass on what a migration's SQL warns of by RAISE WARNING."""
        if notice.sqlstate == "01000":
            self.stderr.write(self.style.WARNING(notice.message_primary or ""))


def reset(connection: BaseDatabaseWrapper) -> None:
    """Connect anew. Django leaves its transaction open when a statement deferred to a migration's end fails."""
    connection.close()
    connection.connect()


def refuse_foreign_tables(connection: BaseDatabaseWrapper) -> None:
    """Refuse a database where another program made `users`, unless it is adopted now."""
    if is_set_up(connection) or "users" not in connection.introspection.table_names():
        return
    if our_apps(connection):
        raise CommandError("this database was adopted, and all was reversed since; run `manage.py adopt` to adopt it "
                           "again")
    raise CommandError("another program's tables are in this database; look at `manage.py adopt --check` first")
