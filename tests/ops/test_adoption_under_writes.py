"""Nothing is changed, lost or refused while another program goes on writing to what is adopted."""

from collections.abc import Callable
from threading import Event, Thread
from typing import Any, cast
from uuid import UUID

import psycopg
import pytest
from django.db import connections

from tests.databases import value
from tests.ops.foreign import adopt, checksums, failing, fill

Connection = psycopg.Connection[Any]
Program = Callable[[Connection, UUID], None]
ROWS = 100_000
TITLE_OF_WRITERS = "written meanwhile"


class Writer(Thread):
    """Another program, which knows the original columns only. Counts what was committed, keeps every error."""

    def __init__(self, stop: Event, program: Program) -> None:
        super().__init__()
        self.stop, self.program = stop, program
        self.done, self.errors = 0, list[str]()
        config = connections["owner"].settings_dict
        self.parameters = {key: config[name] for key, name in (
            ("host", "HOST"), ("port", "PORT"), ("user", "USER"), ("password", "PASSWORD"), ("dbname", "NAME"))}

    def run(self) -> None:
        with psycopg.connect(**self.parameters, options="-c lock_timeout=10s -c statement_timeout=20s") as connection:
            user = insert(connection, "users", name="Writer")
            connection.commit()
            while not self.stop.is_set():
                try:
                    with connection.transaction():
                        self.program(connection, user)
                    self.done += 1
                except psycopg.Error as error:
                    self.errors.append(str(error))
                self.stop.wait(0.02)


def insert(connection: Connection, table: str, **values: object) -> UUID:
    """Insert with these columns; the id that the database gave."""
    places = ", ".join(["%s"] * len(values))
    row = connection.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({places}) RETURNING id",
                             list(values.values())).fetchone()
    return cast(UUID, row and row[0])


def share(connection: Connection, user: UUID) -> UUID:
    return insert(connection, "food_posts", title=TITLE_OF_WRITERS, author_id=user, pickup_time="2030-01-01")


def join_and_share(connection: Connection, user: UUID) -> None:
    share(connection, insert(connection, "users", name="Guest"))


def edit_and_share(connection: Connection, user: UUID) -> None:
    connection.execute("UPDATE users SET image = 'x' WHERE id = %s", [user])
    share(connection, user)


def share_and_exchange(connection: Connection, user: UUID) -> None:
    exchange = insert(connection, "exchanges", food_id=share(connection, user), recipient_id=user)
    for status in ("confirmed", "completed"):
        connection.execute("UPDATE exchanges SET status = %s WHERE id = %s", [status, exchange])
    insert(connection, "ratings", exchange_id=exchange, stars=4)


PROGRAMS = (join_and_share, edit_and_share, share_and_exchange)


class writing:  # noqa: N801
    """Three programs that write while the block runs."""

    def __enter__(self) -> list[Writer]:
        self.stop = Event()
        self.writers = [Writer(self.stop, program) for program in PROGRAMS]
        for writer in self.writers:
            writer.start()
        return self.writers

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        for writer in self.writers:
            writer.join()


@pytest.mark.slow
def test_adoption_keeps_every_row_while_another_program_writes(foreign_database: None) -> None:
    fill(ROWS)
    before = checksums()
    with writing() as written:
        adopt()
    assert [writer.errors for writer in written] == [[], [], []]
    assert all(writer.done for writer in written)
    assert checksums() == before
    assert failing() == []
    assert value("SELECT count(*) FROM food_posts WHERE title = %s", TITLE_OF_WRITERS) == sum(w.done for w in written)
    assert value("SELECT count(*) FROM users u WHERE created_at < '2026-06-01' AND NOT EXISTS "
                 "(SELECT FROM user_global_reputation r WHERE r.user_id = u.id)") == 0
