"""A long write on users, which every new partition refers to, holds up upkeep, and upkeep holds up no other write."""

import re
from threading import Thread
from typing import Any

import psycopg
import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from foodshare.db.locks import LOCK_TIMEOUT
from groups.partitions import MESSAGES
from tests.databases import connect_parameters, value
from tests.ops.partitions.tools import make_person, names, shifted, upkeep

Connection = psycopg.Connection[Any]

# Who is waiting to lock users so that a partition can be attached: the server process, and since when.
WAITING = """
    SELECT pid, waitstart FROM pg_locks
    WHERE relation = 'users'::regclass AND mode = 'ShareRowExclusiveLock' AND NOT granted AND waitstart IS NOT NULL
"""


class Upkeep(Thread):
    """Upkeep by a connection of its own, for months without a partition."""

    def __init__(self) -> None:
        super().__init__()
        self.outcome: tuple[list[str], list[str], list[str]] | None = None

    def run(self) -> None:
        try:
            self.outcome = upkeep(shifted(MESSAGES, 2))
        finally:
            connections["owner"].close()


@pytest.mark.slow
def test_others_wait_no_longer_than_the_lock_timeout(scratch: BaseDatabaseWrapper) -> None:
    """Three times upkeep is seen waiting for users; each time others write at once or after it has given up, within
    the lock timeout of their own."""
    shifted(MESSAGES, 0)
    busy, other = make_person(), make_person()
    maintenance = Upkeep()
    with psycopg.connect(**connect_parameters()) as long_write, \
            psycopg.connect(**connect_parameters(), autocommit=True) as watch, \
            psycopg.connect(**connect_parameters(), autocommit=True) as writer:
        writer.execute("SET lock_timeout = '1s'")
        long_write.execute("UPDATE users SET image = 'x' WHERE id = %s", [busy])
        maintenance.start()
        seen: set[tuple[Any, ...]] = set()
        while len(seen) < 3 and maintenance.is_alive():
            if (waiting := watch.execute(WAITING).fetchone()) and waiting not in seen:
                seen.add(waiting)
                write(writer, other)
        long_write.commit()
        maintenance.join()
    assert len(seen) == 3
    assert maintenance.outcome is not None
    assert maintenance.outcome[1:] == ([], [])
    assert MESSAGES.period.name_of("messages", shifted(MESSAGES, 5)) in names("messages")
    assert value("SELECT name FROM users WHERE id = %s", other) == "Written"


def write(writer: Connection, person: object) -> None:
    """Change a person, add one, and write what refers to one: each waits behind upkeep's own lock."""
    writer.execute("UPDATE users SET name = 'Written' WHERE id = %s", [person])
    writer.execute("INSERT INTO users (name, verification_level) VALUES ('New', 'light')")
    writer.execute("INSERT INTO status_updates (id, created_at, author_id, content) "
                   "VALUES (gen_random_uuid(), now() AT TIME ZONE 'UTC', %s, 'x')", [person])


def test_a_lock_is_waited_for_less_than_a_second() -> None:
    """And less than deadlock_timeout, so that no writer is ended as one of two in a deadlock."""
    amount, unit = re.fullmatch(r"(\d+)(\w+)", LOCK_TIMEOUT).groups()  # type: ignore[union-attr]
    assert (unit, int(amount) < 1000) == ("ms", True)
