"""What another program made is looked at before it is adopted, and refused by name."""

import json
from collections.abc import Iterator
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections, transaction
from pytest_django import DjangoDbBlocker

from foodshare.db.operations import sql
from ops import adoption
from tests.databases import rows, run, scratch_database
from tests.ops.foreign import TABLES, adopt, create_tables

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
