"""How sure a commit is when it is told to be done."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections, transaction

ASYNCHRONOUS = "SET LOCAL synchronous_commit = off"


@contextmanager
def asynchronous() -> Iterator[None]:
    """A transaction whose commit waits neither for the disk nor for a standby: the last moments of such are lost with
    the primary. For what is known elsewhere, or may be missing, alone. Raises RuntimeError within another transaction,
    the whole of which would wait for nobody."""
    with transaction.atomic(durable=True):
        with connections["default"].cursor() as cursor:
            cursor.execute(ASYNCHRONOUS)
        yield
