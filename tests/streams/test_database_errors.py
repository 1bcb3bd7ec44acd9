"""What goes wrong in the database through no fault of an event sets none aside: the event waits, and counts once."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.db import Error, connection

from foodshare.models import OutboxEvent, User
from foodshare.streams.loop import is_away
from foodshare.streams.relay import publish
from reputation.consumer import Consumer
from reputation.models import ReputationEvent
from tests.factories import make_user
from tests.streams.tools import deliver, score, tell
from tests.web.tools import terminate, url, wait_for

pytestmark = pytest.mark.django_db(transaction=True)
LOCK = "SELECT FROM user_global_reputation WHERE user_id = %s FOR UPDATE"
STEPS = ["taken", "applied", "checked"]  # of an open transaction


@pytest.fixture
def people() -> list[User]:
    """Two, in the order in which their rows are locked, each with two events."""
    people = sorted([make_user(), make_user()], key=lambda user: user.pk)
    for user in people * 2:
        tell(user)
    return people


def fails_once(server: Any, step: str, trouble: Callable[[], object]) -> Consumer:
    """A consumer into whose work trouble came; it gives nothing up, and sets nothing aside."""
    troubles = [trouble]
    consumer = Consumer(server, step=lambda done: troubles.pop()() if done == step and troubles else None)
    consumer.work()  # makes the consumer groups
    publish(server)
    with pytest.raises(Error) as failure:
        consumer.work()
    connection.close()
    assert is_away(failure.value)
    assert not OutboxEvent.objects.exclude(error="").exists()
    assert ReputationEvent.objects.count() == 0
    return consumer


def then_counts_once(server: Any, consumer: Consumer, people: list[User]) -> None:
    deliver(server, consumer)
    assert [score(user) for user in people] == [79, 79]
    assert ReputationEvent.objects.count() == 4
    assert not OutboxEvent.objects.exists()


@pytest.mark.parametrize("step", STEPS)
def test_the_session_is_ended(server: Any, people: list[User], step: str) -> None:
    consumer = fails_once(server, step, lambda: terminate({own_pid()}))
    then_counts_once(server, consumer, people)


def own_pid() -> int:
    return int(run("SELECT pg_backend_pid()"))


def run(statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0] if cursor.description else None


@pytest.mark.parametrize("setting", ["lock_timeout", "statement_timeout"])
def test_somebody_else_locks_a_row_for_too_long(server: Any, people: list[User], setting: str) -> None:
    with psycopg.connect(url("default")) as other:
        other.execute("SELECT FROM user_global_reputation FOR UPDATE")
        consumer = fails_once(server, "taken", lambda: run(f"SET LOCAL {setting} = '50ms'"))
    then_counts_once(server, consumer, people)


def test_a_deadlock_is_broken(server: Any, people: list[User]) -> None:
    """The consumer waits for the second person's row, whose holder then waits for the first one's."""
    first, second = people
    with psycopg.connect(url("default")) as other, ThreadPoolExecutor(1) as elsewhere:
        other.execute(LOCK, [second.pk])
        consumer = fails_once(server, "taken", lambda: elsewhere.submit(cross, other, own_pid(), first))
    then_counts_once(server, consumer, people)


def cross(other: "psycopg.Connection[Any]", consumer: int, first: User) -> None:
    """Wait for a consumer that waits for us."""
    blocked = "SELECT 1 WHERE pg_backend_pid() = ANY(pg_blocking_pids(%s))"
    wait_for(lambda: other.execute(blocked, [consumer]).fetchone())
    other.execute(LOCK, [first.pk])


@pytest.mark.parametrize("setting", ["idle_in_transaction_session_timeout", "transaction_timeout"])
def test_it_was_held_up_for_longer_than_the_server_allows(server: Any, people: list[User], setting: str) -> None:
    def hold_up() -> None:
        run(f"SET LOCAL {setting} = '20ms'")
        time.sleep(0.1)

    if setting == "transaction_timeout" and connection.connection.info.server_version < 170_000:
        pytest.skip("PostgreSQL 17 is the first that has it")
    then_counts_once(server, fails_once(server, "taken", hold_up), people)


@pytest.mark.parametrize("change", ["default_transaction_read_only = on", "search_path = nowhere"])
def test_the_server_is_a_standby_now_or_has_another_releases_schema(server: Any, people: list[User],
                                                                    change: str) -> None:
    consumer = fails_once(server, "delivered", lambda: run(f"SET {change}"))
    then_counts_once(server, consumer, people)
