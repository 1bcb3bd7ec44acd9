"""Another program's database is adopted: looked at first, upgraded while it is written to, given back whole."""

import json
from collections.abc import Iterator
from io import StringIO
from threading import Event, Thread
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections, transaction
from pytest_django import DjangoDbBlocker

from foodshare.db.operations import sql
from ops import adoption
from ops.verification import State, verify
from tests.databases import rows, run, scratch_database, value

TABLES = ("users", "food_posts", "exchanges", "ratings")
ROWS = """
    INSERT INTO users (name, image, is_active, created_at)
        SELECT 'Person ' || n, CASE WHEN n % 3 = 0 THEN 'https://example.org/' || n END, n % 50 <> 0,
               timestamp '2025-01-01' + n * interval '1 minute' FROM generate_series(1, {count}) n;
    INSERT INTO food_posts (group_id, status, pickup_time, created_at, title, author_id)
        SELECT {group}, CASE WHEN n % 4 = 0 THEN 'completed' ELSE 'available' END, created_at + interval '1 day',
               created_at, 'Bread ' || n, id FROM (SELECT *, row_number() OVER (ORDER BY created_at) n FROM users) u;
    INSERT INTO exchanges (food_id, recipient_id, status, created_at)
        SELECT id, author_id, 'completed', created_at FROM food_posts WHERE status = 'completed';
    INSERT INTO ratings (exchange_id, stars, created_at)
        SELECT id, 1 + (row_number() OVER ()) % 5, created_at FROM exchanges;
"""
COLUMNS = {
    "users": "id, name, image, is_active, created_at",
    "food_posts": "id, group_id, status, pickup_time, created_at, title, author_id",
    "exchanges": "id, food_id, recipient_id, status, created_at",
    "ratings": "id, exchange_id, stars, created_at",
}
TITLE_OF_WRITERS = "written meanwhile"
USER = "INSERT INTO users (name) VALUES ('Ada')"
POST = f"{USER}; INSERT INTO food_posts (title, author_id, pickup_time) SELECT 'Bread', id, now() FROM users"
EXCHANGE = f"{POST}; INSERT INTO exchanges (food_id, recipient_id) SELECT f.id, author_id FROM food_posts f"

REFUSALS = [
    ("DROP TABLE ratings", "table ratings: missing"),
    ("ALTER TABLE users DROP COLUMN image", "column users.image: missing"),
    ("ALTER TABLE users ALTER name TYPE text", "column users.name: different"),
    ("ALTER TABLE food_posts ALTER pickup_time TYPE timestamptz", "column food_posts.pickup_time: different"),
    ("ALTER TABLE food_posts ALTER title DROP NOT NULL", "column food_posts.title: different"),
    ("ALTER TABLE users ALTER is_active DROP DEFAULT", "column users.is_active: different"),
    ("ALTER TABLE ratings DROP CONSTRAINT ratings_pkey", "constraint ratings PRIMARY KEY (id): missing"),
    ("ALTER TABLE exchanges ALTER CONSTRAINT exchanges_food_id_fkey DEFERRABLE",
     "constraint exchanges FOREIGN KEY (food_id): different"),
    ("ALTER TABLE exchanges DROP CONSTRAINT exchanges_recipient_id_fkey",
     "constraint exchanges FOREIGN KEY (recipient_id): missing"),
    ("ALTER TABLE users ADD COLUMN phone text NOT NULL", "column users.phone: NOT NULL without a default"),
    ("ALTER TABLE users ADD COLUMN email text", "column users.email: in the way"),
    ("ALTER TABLE food_posts ADD COLUMN category text", "column food_posts.category: in the way"),
    ("CREATE TABLE circles (id uuid PRIMARY KEY); ALTER TABLE food_posts ADD FOREIGN KEY (group_id) REFERENCES circles",
     "constraint food_posts FOREIGN KEY (group_id): in the way"),
    ("CREATE TABLE community_groups ()", "table community_groups: in the way"),
    ("CREATE TABLE auth_permission ()", "table auth_permission: in the way"),
    ("CREATE INDEX idx_users_sharing_mode ON users (name)", "index idx_users_sharing_mode: in the way"),
    ("CREATE MATERIALIZED VIEW group_activity_summary AS SELECT 1",
     "materialized view group_activity_summary: in the way"),
    ("CREATE TABLE django_migrations (id bigint, app text, name text, applied timestamptz);"
     "INSERT INTO django_migrations VALUES (1, 'auth', '0001_initial', now())",
     "table django_migrations: another program's, with apps named like ours (auth)"),
    (f"{POST}; UPDATE food_posts SET status = 'gone'", "column food_posts.status: 1 rows hold 'gone'"),
    (f"{EXCHANGE}; UPDATE exchanges SET status = 'lost'", "column exchanges.status: 1 rows hold 'lost'"),
    (f"{EXCHANGE}; INSERT INTO ratings (exchange_id, stars) SELECT id, 6 FROM exchanges",
     "column ratings.stars: 1 rows hold 6"),
    (f"{EXCHANGE}; INSERT INTO exchanges (food_id, recipient_id) SELECT food_id, recipient_id FROM exchanges",
     "column exchanges.food_id: 1 posts have more than one exchange that is not cancelled"),
]


@pytest.fixture(scope="module")
def foreign_tables(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A database with the four tables as another program made them, for tests that roll back."""
    with django_db_blocker.unblock(), scratch_database("foreign"):
        create_tables()
        yield


@pytest.fixture
def foreign_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The same, for a test that commits."""
    with django_db_blocker.unblock(), scratch_database("adopted"):
        create_tables()
        yield


def create_tables() -> None:
    for table in TABLES:
        run(sql("foodshare", table))


def fill(count: int, group: str = "NULL::uuid") -> None:
    run(ROWS.format(count=count, group=group))


def checksums() -> dict[str, tuple[Any, ...]]:
    """The number of rows and a checksum of the original columns, without what writers wrote meanwhile."""
    sums = {}
    for table, columns in COLUMNS.items():
        [sums[table]] = rows(f"SELECT count(*), md5(string_agg(md5(({columns})::text), '' ORDER BY id)) FROM {table} "
                             "WHERE created_at < '2026-06-01'")
    return sums


def failing() -> list[str]:
    return [finding.name for finding in verify(connections["owner"], connections["default"]) if finding.fails]


def adopt(*arguments: str) -> str:
    output = StringIO()
    call_command("adopt", *arguments, stdout=output, stderr=output, verbosity=0)
    return output.getvalue()


def test_the_given_tables_are_adoptable(foreign_tables: None) -> None:
    assert adoption.problems(connections["owner"]) == []
    assert "can be adopted" in adopt("--check")


@pytest.mark.parametrize(("statement", "reason"), REFUSALS)
def test_what_does_not_fit_is_refused_by_name(foreign_tables: None, statement: str, reason: str) -> None:
    with transaction.atomic("owner"):
        run(statement.replace("%", "%%"))
        found = adoption.problems(connections["owner"])
        with pytest.raises(CommandError) as refusal:
            adopt("--check")
        transaction.set_rollback(True, using="owner")
    assert [problem for problem in found if problem.startswith(reason)] == found[:1]
    assert (refusal.value.returncode, reason in str(refusal.value)) == (1, True)


def test_a_table_of_another_role_is_refused(foreign_database: None) -> None:
    run("DROP TABLE ratings")
    run(f"GRANT CREATE ON SCHEMA public TO {settings.RUNTIME_ROLE}")
    run(f"GRANT REFERENCES ON exchanges TO {settings.RUNTIME_ROLE}")
    run(sql("foodshare", "ratings"), alias="default")
    assert adoption.problems(connections["owner"]) == [
        f"table ratings: owned by {settings.RUNTIME_ROLE}; run ALTER TABLE ratings OWNER TO {settings.OWNER_ROLE}"]


def test_refusal_as_json(foreign_tables: None) -> None:
    output = StringIO()
    with transaction.atomic("owner"):
        run("ALTER TABLE users ADD COLUMN email text")
        with pytest.raises(SystemExit) as exit_:
            call_command("adopt", "--check", "--json", stdout=output)
        transaction.set_rollback(True, using="owner")
    report = json.loads(output.getvalue())
    assert (exit_.value.code, report["adoptable"]) == (1, False)
    assert report["problems"] == ["column users.email: in the way of our own"]


def test_a_refused_database_is_left_as_it_was(foreign_database: None) -> None:
    run("ALTER TABLE users ADD COLUMN email text")
    with pytest.raises(CommandError, match=r"users\.email"):
        adopt()
    with pytest.raises(CommandError, match="adopt --check"):
        call_command("migrate", verbosity=0)
    assert {name for (name,) in rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")} == set(TABLES)


def test_an_empty_database_is_not_adopted(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock(), scratch_database("adopted"), pytest.raises(CommandError, match="empty"):
        adopt("--check")


@pytest.mark.parametrize("count", [1_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_adoption_keeps_every_row_while_another_program_writes(foreign_database: None, count: int) -> None:
    fill(count)
    run("COMMENT ON TABLE users IS 'People'")
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
    assert value("SELECT obj_description('users'::regclass)") == "adopted by FoodShare; People"
    assert "ours already" in adopt("--check")

    call_command("migrate", "foodshare", "zero", verbosity=0)
    assert checksums() == before
    assert {name for (name,) in rows("SELECT relname || '.' || attname FROM pg_attribute JOIN pg_class c "
                                     "ON c.oid = attrelid WHERE relname = ANY (%s) AND attnum > 0 "
                                     "AND NOT attisdropped", list(TABLES))} == {
        f"{table}.{column}" for table, columns in COLUMNS.items() for column in columns.split(", ")}


def test_an_interrupted_adoption_goes_on_where_it_stopped(foreign_database: None) -> None:
    fill(10)
    before = checksums()
    adoption.mark(connections["owner"])
    call_command("migrate", "foodshare", "0003", verbosity=0)
    adopt()
    assert (checksums(), failing()) == (before, [])


def test_posts_that_name_unknown_groups_stay_and_may_be_added_to(foreign_database: None) -> None:
    fill(100, group="gen_random_uuid()")
    before = checksums()
    output = adopt()
    assert "some posts name unknown groups" in output
    run("INSERT INTO food_posts (group_id, title, pickup_time, author_id) "
        "SELECT gen_random_uuid(), 'Rolls', now(), id FROM users LIMIT 1")
    assert (checksums(), failing()) == (before, [])
    [finding] = [finding for finding in verify(connections["owner"], connections["default"])
                 if finding.state is State.MISSING and finding.kind == "constraint"]
    assert finding.name == "food_posts FOREIGN KEY (group_id)"
    assert "not here" in finding.note


def test_the_other_programs_own_columns_and_indexes_are_no_fault(foreign_database: None) -> None:
    run("ALTER TABLE users ADD COLUMN nickname text")
    run("CREATE INDEX their_index ON users (nickname)")
    fill(10)
    adopt()
    extras = {finding.name for finding in verify(connections["owner"], connections["default"])
              if finding.state is State.EXTRA}
    assert (extras, failing()) == ({"users.nickname", "their_index"}, [])


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
                self.stop.wait(0.005)


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
