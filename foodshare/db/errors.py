"""What a command says when the database fails it."""

from django.conf import settings
from django.db.utils import DatabaseError, OperationalError
from psycopg import Error
from psycopg.errors import InsufficientPrivilege, UndefinedTable


def explain(error: DatabaseError) -> str | None:
    """What went wrong and what to do about it; None for an error that only a mistake in a program explains."""
    cause, text = error.__cause__, " ".join(str(error).split())
    if isinstance(cause, UndefinedTable):
        return f"{text} (is the schema there? `manage.py migrate` makes it)"
    if not isinstance(error, OperationalError) and not isinstance(cause, InsufficientPrivilege):
        return None
    if isinstance(cause, Error) and cause.sqlstate is None:  # there was no server to give one
        return f"the database cannot be reached: {text} (check {where_to_look()})"
    return text


def where_to_look() -> str:
    """Where the primary should be, and what says so. No password."""
    if settings.EMBEDDED_SERVERS:
        return "`manage.py servers status`"
    primary = settings.DATABASES["default"]
    return f"that the server at {primary['HOST']}:{primary['PORT'] or 5432} runs and lets us in, and DATABASE_URL"
