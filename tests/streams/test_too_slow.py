"""An event that always takes longer than the database allows is set aside, and stops nobody for ever."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection

from foodshare.models import OutboxEvent
from foodshare.streams.relay import publish
from reputation.consumer import TRIES, Consumer
from tests.databases import run
from tests.factories import make_user
from tests.streams.tools import deliver, score, tell
from tests.web.tools import url

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
BAD = "spam_report"
SLOW = f"""
    CREATE FUNCTION wait_too_long() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(5); RETURN NEW; END';
    CREATE TRIGGER too_slow BEFORE INSERT ON reputation_events FOR EACH ROW WHEN (NEW.event_type = '{BAD}')
    EXECUTE FUNCTION wait_too_long();
"""


@pytest.fixture
def slow() -> Iterator[None]:
    """The database is not done in time with one kind of event."""
    run(SLOW)
    run("SET statement_timeout = '100ms'", alias="default")
    yield
    connection.close()
    run("DROP FUNCTION wait_too_long CASCADE")


@pytest.mark.usefixtures("slow")
def test_alone_three_turns_running_it_is_set_aside_and_its_neighbours_are_applied(server: Any) -> None:
    before, bad, after = [make_user() for _ in range(3)]
    consumer = Consumer(server)
    deliver(server, consumer)  # makes the consumer groups
    tell(before)
    tell(bad, BAD)
    tell(bad)
    tell(after)
    publish(server)
    for attempts in range(TRIES):
        with pytest.raises(OperationalError):
            consumer.work()
        row = OutboxEvent.objects.get(event_type=BAD)
        assert (row.attempts, row.error) == (attempts, "")
    assert consumer.work()
    row = OutboxEvent.objects.get()
    assert (row.event_type, row.attempts) == (BAD, TRIES)
    assert "statement timeout" in row.error
    assert [score(user) for user in (before, bad, after)] == [77, 77, 77]
    assert not consumer.one_by_one


def test_who_waits_for_a_lock_sets_nothing_aside(server: Any) -> None:
    user, consumer = make_user(), Consumer(server)
    deliver(server, consumer)
    tell(user)
    publish(server)
    with psycopg.connect(url("default")) as other:
        other.execute("SELECT FROM user_global_reputation FOR UPDATE")
        run("SET lock_timeout = '50ms'", alias="default")
        for _ in range(TRIES + 2):
            with pytest.raises(OperationalError):
                consumer.work()
    row = OutboxEvent.objects.get()
    assert (row.attempts, row.error) == (0, "")
    deliver(server, consumer)
    assert score(user) == 77
    connection.close()
