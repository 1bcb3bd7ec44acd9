"""Nothing is changed, lost or refused while another program goes on writing to what is adopted."""

from threading import Event, Thread

import psycopg
import pytest
from django.db import connections

from tests.databases import run, value
from tests.ops.foreign import adopt, checksums, failing, fill

TITLE_OF_WRITERS = "written meanwhile"


class Writer(Thread):
    """Another program, which knows the original columns only. Counts what was committed, keeps every error."""

    def __init__(self, stop: Event, steps: tuple[str, ...]) -> None:
        super().__init__()
        self.stop, self.steps = stop, steps
        self.done, self.errors = 0, list[str]()
        config = connections["owner"].settings_dict
        self.parameters = {key: config[name] for key, name in (
            ("host", "HOST"), ("port", "PORT"), ("user", "USER"), ("password", "PASSWORD"), ("dbname", "NAME"))}

    def run(self) -> None:
        with psycopg.connect(**self.parameters, options="-c lock_timeout=10s -c statement_timeout=20s") as connection:
            while not self.stop.is_set():
                try:
                    with connection.transaction():
                        for step in self.steps:
                            connection.execute(step, {"title": TITLE_OF_WRITERS})
                    self.done += 1
                except psycopg.Error as error:
                    self.errors.append(str(error))
                self.stop.wait(0.02)


ADD_USER = "INSERT INTO users (name) VALUES ('Writer')"
TOUCH_USER = "UPDATE users SET image = 'x' WHERE id = (SELECT id FROM users WHERE name = 'Writer' LIMIT 1 FOR UPDATE)"
ADD_POST = """INSERT INTO food_posts (title, author_id, pickup_time)
              SELECT %(title)s, id, now() + interval '1 day' FROM users WHERE name = 'Writer' LIMIT 1"""
ADD_EXCHANGE = """INSERT INTO exchanges (food_id, recipient_id) SELECT id, author_id FROM food_posts f
                  WHERE title = %(title)s AND created_at = now() AND NOT EXISTS
                  (SELECT FROM exchanges WHERE food_id = f.id) LIMIT 1"""
CONFIRM = "UPDATE exchanges SET status = 'confirmed' WHERE created_at = now() AND status = 'pending'"
COMPLETE = "UPDATE exchanges SET status = 'completed' WHERE created_at = now() AND status = 'confirmed'"
RATE = "INSERT INTO ratings (exchange_id, stars) SELECT id, 4 FROM exchanges WHERE created_at = now() LIMIT 1"
PROGRAMS = (
    (ADD_USER, ADD_POST),
    (TOUCH_USER, ADD_POST),
    (ADD_USER, ADD_POST, ADD_EXCHANGE, CONFIRM, COMPLETE, RATE),
)


class writing:  # noqa: N801
    """Three programs that write while the block runs."""

    def __enter__(self) -> list[Writer]:
        run(ADD_USER)
        self.stop = Event()
        self.writers = [Writer(self.stop, steps) for steps in PROGRAMS]
        for writer in self.writers:
            writer.start()
        return self.writers

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        for writer in self.writers:
            writer.join()


@pytest.mark.parametrize("count", [1_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_adoption_keeps_every_row_while_another_program_writes(foreign_database: None, count: int) -> None:
    fill(count)
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
