"""Having the embedded standby replay late, which no longer is so whatever becomes of who asked for it."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.conf import settings

from ops.benchmarks.keeper import NotKept, undone_afterwards
from ops.servers.state import load

RESET = "ALTER SYSTEM RESET recovery_min_apply_delay"


class CannotBeLate(RuntimeError):
    """There is no standby whose replay could be delayed here: only the embedded one's can."""


@contextmanager
def late_by(seconds: float) -> Iterator[None]:
    """The whole site's standby shows each commit so much later meanwhile. Raises CannotBeLate."""
    state = load(settings.FOODSHARE_DATA_DIR) if settings.EMBEDDED_SERVERS else None
    if state is None:
        raise CannotBeLate(CannotBeLate.__doc__)
    url = state.url("replica", "postgres")
    try:
        with undone_afterwards(tell, url, RESET):
            begin(url, seconds)
            yield
    except NotKept as error:
        raise CannotBeLate(f"{error} If the standby goes on replaying late, run on it {RESET}; SELECT pg_reload_conf();"
                           ) from error


def begin(url: str, seconds: float) -> None:
    try:
        tell(url, f"ALTER SYSTEM SET recovery_min_apply_delay = '{int(seconds * 1000)}ms'")
    except psycopg.Error as error:
        raise CannotBeLate(f"The standby could not be told to replay late: {error}".strip()) from error


def tell(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())
        connection.execute("SELECT pg_reload_conf()")
