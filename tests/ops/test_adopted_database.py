"""What an adopted database holds, and what is left of it when the migrations are reversed."""

import re
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections
from pytest_django import DjangoDbBlocker

from ops import adoption
from ops.verification import State, verify
from tests.databases import rows, run, scratch_database, value
from tests.ops.foreign import COLUMNS, TABLES, adopt, checksums, create_tables, failing, fill

before: dict[str, tuple[object, ...]] = {}


@pytest.fixture(scope="module")
def adopted(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """What `adopt` printed on a database that holds more of the other program's than is given."""
    with django_db_blocker.unblock(), scratch_database("theirs"):
        create_tables()
        fill(100, group="gen_random_uuid()")
        run("ALTER TABLE users ADD COLUMN nickname text")
        run("CREATE INDEX their_index ON users (nickname)")
        run("CREATE TABLE recipes (id int PRIMARY KEY)")
        run("CREATE VIEW active_people AS SELECT id FROM users WHERE is_active")
        run("COMMENT ON TABLE users IS 'People'")
        before.update(checksums())
        yield adopt()


def test_every_row_is_as_it_was_and_nothing_fails(adopted: str) -> None:
    assert (checksums(), failing()) == (before, [])


def test_it_is_marked_with_its_own_comment_kept(adopted: str) -> None:
    assert value("SELECT obj_description('users'::regclass)") == "adopted by FoodShare; People"
    assert "ours already" in adopt("--check")


def test_the_other_programs_own_objects_are_no_fault(adopted: str) -> None:
    extras = {finding.name for finding in verify(connections["owner"], connections["default"])
              if finding.state is State.EXTRA}
    assert extras == {"users.nickname", "their_index", "recipes", "active_people"}


def test_what_is_tolerated_is_counted_by_a_word_of_its_own(adopted: str) -> None:
    output = StringIO()
    call_command("verify_schema", stdout=output)
    summary = output.getvalue().splitlines()[-1]
    assert re.fullmatch(r"\d+ OK, 6 tolerated: all is well, but for the notes above", summary)


def test_posts_that_name_unknown_groups_may_be_added_to(adopted: str) -> None:
    assert "some posts name unknown groups" in adopted
    run("INSERT INTO food_posts (group_id, title, pickup_time, author_id) "
        "SELECT gen_random_uuid(), 'Rolls', now(), id FROM users LIMIT 1")
    [finding] = [finding for finding in verify(connections["owner"], connections["default"])
                 if finding.state is State.MISSING and finding.kind == "constraint"]
    assert (finding.name, finding.fails) == ("food_posts FOREIGN KEY (group_id)", False)
    assert "not here" in finding.note


def test_people_who_were_there_have_a_reputation(adopted: str) -> None:
    assert value("SELECT count(*) FROM user_global_reputation") == value("SELECT count(*) FROM users") == 100


@pytest.mark.slow
def test_an_interrupted_adoption_goes_on_where_it_stopped_and_can_be_reversed(foreign_database: None) -> None:
    fill(10)
    original = checksums()
    adoption.mark(connections["owner"])
    call_command("migrate", "foodshare", "0003", verbosity=0)
    adopt()
    assert (checksums(), failing()) == (original, [])

    call_command("migrate", "foodshare", "zero", verbosity=0)
    assert checksums() == original
    left = rows("SELECT table_name || '.' || column_name FROM information_schema.columns "
                "WHERE table_name = ANY (%s)", list(TABLES))
    assert {name for (name,) in left} == {
        f"{table}.{column}" for table, columns in COLUMNS.items() for column in columns.split(", ")}


@pytest.mark.slow
def test_a_reversed_adoption_can_be_repeated(foreign_database: None) -> None:
    fill(10)
    original = checksums()
    adopt()
    for app in ("reputation", "groups", "foodshare"):
        call_command("migrate", app, "zero", verbosity=0)
    with pytest.raises(CommandError, match=r"run `manage\.py adopt`"):
        call_command("migrate", verbosity=0)
    assert "can be adopted" in adopt("--check")
    adopt()
    assert (checksums(), failing()) == (original, [])
