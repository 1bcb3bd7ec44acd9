"""A step that changes a table in use waits a moment for its lock, gives up, and tries again."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connections
from django.db.utils import DataError, OperationalError
from psycopg.errors import LockNotAvailable

from foodshare.db.locks import LocksTaken, alone, patiently, retry, session_lock_timeout
from tests.databases import connect_parameters, run, value

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def reader() -> Iterator["psycopg.Connection[Any]"]:
    """Another program, in a transaction that has read the people."""
    with psycopg.connect(**connect_parameters()) as connection:
        connection.execute("SELECT FROM users")
        yield connection


def lock() -> str:
    """A step that needs all of users for itself."""
    with session_lock_timeout(connections["owner"], "50ms"):
        run("ALTER TABLE users ALTER name DROP DEFAULT")
    return "done"


def test_it_is_done_once_the_lock_is_free(reader: "psycopg.Connection[Any]") -> None:
    failed: list[int] = []

    def leave(attempt: int) -> None:
        failed.append(attempt)
        reader.rollback()

    assert retry(lock, leave) == "done"
    assert failed == [1]


def test_after_the_last_attempt_it_gives_up(reader: "psycopg.Connection[Any]") -> None:
    failed: list[int] = []
    with pytest.raises(LocksTaken, match="in use without a pause; try again later") as caught:
        retry(lock, failed.append, attempts=2)
    assert failed == [1, 2]
    assert isinstance(caught.value.__cause__, OperationalError)


def test_another_error_is_raised_at_once() -> None:
    failed: list[int] = []
    with pytest.raises(DataError):
        retry(lambda: run("SELECT 1 / 0"), failed.append)
    assert failed == []


def test_the_timeout_of_a_transaction_ends_with_it() -> None:
    before = value("SELECT current_setting('lock_timeout')")
    seen: list[Any] = []
    patiently(connections["owner"], lambda cursor: seen.append(value("SELECT current_setting('lock_timeout')")))
    assert seen == ["300ms"]
    assert value("SELECT current_setting('lock_timeout')") == before


def test_the_timeout_of_a_session_is_put_back(reader: "psycopg.Connection[Any]") -> None:
    run("SET lock_timeout = '7s'")
    with session_lock_timeout(connections["owner"], "50ms"), pytest.raises(OperationalError) as caught:
        lock()
    assert isinstance(caught.value.__cause__, LockNotAvailable)
    assert value("SELECT current_setting('lock_timeout')") == "7s"
    connections["owner"].close()


def test_only_one_session_is_alone() -> None:
    with alone(connections["owner"], "x") as first, alone(connections["default"], "x") as second, \
            alone(connections["default"], "y") as other:
        assert (first, second, other) == (True, False, True)
    with alone(connections["default"], "x") as again:
        assert again
