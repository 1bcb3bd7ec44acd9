"""A partitioned table is indexed without holding up writers, goes on after any interruption, and can be reversed."""

from collections.abc import Callable
from datetime import date
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.state import ProjectState
from psycopg.errors import LockNotAvailable

from foodshare.db.locks import session_lock_timeout
from foodshare.db.operations import CreatePartitionedIndexConcurrently
from groups.partitions import FORUM_POSTS, make_partition
from tests.databases import connect_parameters, rows, run, value
from tests.ops.partitions.tools import names

APP = "tests/foodshare/indexes"
MESSAGES_INDEX = "messages_edited_at_idx"
FORUM_INDEX = "forum_posts_by_time_of_the_last_edit_of_their_content_idx"
INDEX = {"messages": MESSAGES_INDEX, "forum_posts": FORUM_INDEX}
# The indexes that make up one, and whether each is valid.
PARTS = "SELECT relid::regclass::text, indisvalid FROM pg_partition_tree(%s) JOIN pg_index ON indexrelid = relid"
TABLES = "SELECT count(*) FROM pg_partition_tree(%s)"
INVALID = "SELECT count(*) FROM pg_index WHERE NOT indisvalid AND indexrelid::regclass::text ~ 'edited'"
NAMED = "SELECT count(*) FROM pg_class WHERE relkind IN ('i', 'I') AND relname ~ 'edited|by_time|[0-9a-f]{8}$'"


class Interrupted(Exception):
    """The run ended here."""


def operation(table: str) -> CreatePartitionedIndexConcurrently:
    return CreatePartitionedIndexConcurrently(APP, INDEX[table])


def forwards(table: str) -> None:
    with connections["owner"].schema_editor(atomic=False) as editor:
        operation(table).database_forwards("groups", editor, ProjectState(), ProjectState())


def backwards(table: str) -> None:
    with connections["owner"].schema_editor(atomic=False) as editor:
        operation(table).database_backwards("groups", editor, ProjectState(), ProjectState())


def is_whole(table: str) -> bool:
    """Whether every table of the tree has its valid index."""
    parts = rows(PARTS, INDEX[table])
    return len(parts) == value(TABLES, table) and all(valid for _, valid in parts)


def allowing(count: int, done: list[str]) -> Callable[..., Any]:
    """Let `count` statements that change something through, noted in `done`; the next one ends the run."""
    def wrapper(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.startswith(("CREATE", "ALTER", "DROP")):
            if len(done) == count:
                raise Interrupted
            done.append(sql)
        return execute(sql, *rest)

    return wrapper


@pytest.fixture
def categories(scratch: BaseDatabaseWrapper) -> BaseDatabaseWrapper:
    """A forum of two categories with two months each; no message yet."""
    for slug in ("recipes", "tools"):
        run("INSERT INTO forum_categories (slug, name, opened_at) VALUES (%s, %s, now())", slug, slug)
        for month in (1, 2):
            make_partition(scratch, FORUM_POSTS, date(2027, month, 1), slug)
    return scratch


@pytest.mark.parametrize("table", ["messages", "forum_posts"])
def test_built_and_reversed(categories: BaseDatabaseWrapper, table: str) -> None:
    before = value(NAMED)
    done: list[str] = []
    with categories.execute_wrapper(allowing(100, done)):
        forwards(table)
    assert is_whole(table)
    assert all(" ON ONLY " in sql or " INDEX CONCURRENTLY " in sql for sql in done if sql.startswith("CREATE"))
    forwards(table)
    assert is_whole(table)
    backwards(table)
    assert value(NAMED) == before


@pytest.mark.parametrize("table", ["messages", "forum_posts"])
def test_interrupted_after_every_single_step_it_goes_on(categories: BaseDatabaseWrapper, table: str) -> None:
    steps: list[str] = []
    for _ in range(100):
        done: list[str] = []
        try:
            with categories.execute_wrapper(allowing(1, done)):
                forwards(table)
        except Interrupted:
            assert not is_whole(table)
        steps += done
        if not done:
            break
    assert is_whole(table)
    assert len(steps) == len(set(steps)) > 8


def test_what_is_left_invalid_is_built_anew(categories: BaseDatabaseWrapper) -> None:
    with psycopg.connect(**connect_parameters()) as older:
        older.execute(f"LOCK TABLE {names('messages')[0]} IN ROW EXCLUSIVE MODE")
        run("SET statement_timeout = '500ms'")
        with pytest.raises(OperationalError, match="statement timeout"):
            forwards("messages")
        run("RESET statement_timeout")
    assert value(INVALID) == 2
    forwards("messages")
    assert is_whole("messages")


def test_a_partition_that_comes_meanwhile_brings_its_own(categories: BaseDatabaseWrapper) -> None:
    done: list[str] = []
    with categories.execute_wrapper(allowing(3, done)), pytest.raises(Interrupted):
        forwards("forum_posts")
    for slug in ("recipes", "tools"):
        make_partition(categories, FORUM_POSTS, date(2027, 3, 1), slug)
    forwards("forum_posts")
    assert is_whole("forum_posts")


def test_a_writer_is_not_waited_for_beyond_the_lock_timeout(categories: BaseDatabaseWrapper) -> None:
    """The parent's own index needs a lock that writers have; `manage.py migrate` gives up soon and tries again."""
    with psycopg.connect(**connect_parameters()) as writer:
        writer.execute("LOCK TABLE messages IN ROW EXCLUSIVE MODE")
        with session_lock_timeout(categories, "100ms"), pytest.raises(OperationalError) as caught:
            forwards("messages")
    assert isinstance(caught.value.__cause__, LockNotAvailable)
    forwards("messages")
    assert is_whole("messages")


def test_the_sql_is_shown_and_not_run(categories: BaseDatabaseWrapper) -> None:
    with categories.schema_editor(collect_sql=True, atomic=False) as editor:
        operation("messages").database_forwards("groups", editor, ProjectState(), ProjectState())
    assert "CREATE INDEX CONCURRENTLY messages_edited_at_idx" in "\n".join(editor.collected_sql)
    assert value("SELECT to_regclass(%s) IS NULL", MESSAGES_INDEX)


def test_a_file_of_another_index_is_refused() -> None:
    with pytest.raises(ValueError, match=r"users_edited_idx\.sql must hold"):
        CreatePartitionedIndexConcurrently(APP, "users_edited_idx")
