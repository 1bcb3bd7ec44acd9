"""Having the embedded standby replay late, which no longer is so whatever becomes of who asked for it."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection

import psycopg
from django.conf import settings

from ops.servers.state import load

PATIENCE = 30.0  # seconds
RESET = "ALTER SYSTEM RESET recovery_min_apply_delay"


class CannotBeLate(RuntimeError):
    """There is no standby whose replay could be delayed here: only the embedded one's can."""


@contextmanager
def late_by(seconds: float) -> Iterator[None]:
    """The whole site's standby shows each commit so much later meanwhile. Raises CannotBeLate.

    A process of its own sees to it, and ends it when this one does, or is killed.
    """
    state = load(settings.FOODSHARE_DATA_DIR) if settings.EMBEDDED_SERVERS else None
    if state is None:
        raise CannotBeLate(CannotBeLate.__doc__)
    line, other = get_context("spawn").Pipe()
    keeper = get_context("spawn").Process(target=keep, args=(other, state.url("replica", "postgres"), seconds))
    keeper.start()
    other.close()
    try:
        if not line.poll(PATIENCE) or not line.recv():
            raise CannotBeLate("The standby could not be told to replay late.")
        yield
    except EOFError as error:
        raise CannotBeLate("The standby could not be told to replay late.") from error
    finally:
        line.close()
        keeper.join(PATIENCE)
        if keeper.exitcode != 0:
            raise CannotBeLate(f"The standby may go on replaying late. On it, run {RESET}; SELECT pg_reload_conf();")


def keep(line: "Connection[bool, None]", url: str, seconds: float) -> None:
    """Keep the standby late until the other end of the line is closed."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    try:
        tell(url, f"ALTER SYSTEM SET recovery_min_apply_delay = '{int(seconds * 1000)}ms'")
        line.send(True)
        with suppress(EOFError):
            line.recv()
    finally:
        tell(url, RESET)


def tell(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())
        connection.execute("SELECT pg_reload_conf()")
