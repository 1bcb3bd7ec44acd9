"""Changing tables that are in use: each step waits for its locks a moment only, gives up, and tries again."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.utils import OperationalError
from psycopg.errors import DeadlockDetected, LockNotAvailable

T = TypeVar("T")

# How long a step may queue for a lock, with every later writer behind it. Well below deadlock_timeout (1 s): a step
# that holds one lock and waits for another gives up before a writer that waits for the first is ended as a deadlock.
LOCK_TIMEOUT = "300ms"
ATTEMPTS = 90  # about two minutes
PAUSE = 1.0  # seconds between attempts, in which readers and writers go on


class LocksTaken(Exception):
    """A table was in use without a pause; try again later."""


def retry(step: Callable[[], T], between: Callable[[int], object] = lambda attempt: None,
          attempts: int = ATTEMPTS) -> T:
    """Do `step` again and again until its locks are free, with `between` (given the attempt) after each failure.

    The step sets its lock timeout, and can be done again when it failed. Raises LocksTaken after `attempts`.
    """
    for attempt in range(1, attempts + 1):
        try:
            return step()
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable | DeadlockDetected):
                raise
            between(attempt)
            if attempt == attempts:
                raise LocksTaken(f"{LocksTaken.__doc__} {error}".strip()) from error
        time.sleep(PAUSE)
    raise AssertionError("the last attempt returns or raises")


def patiently(connection: BaseDatabaseWrapper, work: Callable[[CursorWrapper], object]) -> None:
    """Do `work` in a short transaction whose locks wait for LOCK_TIMEOUT at most; see `retry`."""
    def step() -> None:
        with transaction.atomic(using=connection.alias, durable=True), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
            work(cursor)

    retry(step)


@contextmanager
def session_lock_timeout(connection: BaseDatabaseWrapper, timeout: str) -> Iterator[None]:
    """Set the session's lock timeout ('0': none), for statements that run outside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout')")
        (before,) = cursor.fetchone()
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [timeout])
        try:
            yield
        finally:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [before])


@contextmanager
def in_turn(connection: BaseDatabaseWrapper, name: str) -> Iterator[None]:
    """Hold the one right to do what `name` says, in this database, once whoever else has it is done."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [name])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])


@contextmanager
def alone(connection: BaseDatabaseWrapper, name: str) -> Iterator[bool]:
    """Hold the one right to do what `name` says, in this database; False if another session holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [name])
        (held,) = cursor.fetchone()
        try:
            yield held
        finally:
            if held:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])
