"""When people were last seen reaches the database in batches, and comes back from it after a restart of the server."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings
from redis import Redis

from foodshare import presence
from foodshare.cache import behind, server
from foodshare.cache.behind import Flusher
from foodshare.cache.keys import PRESENCE
from foodshare.models import User, UserActivity
from tests.factories import make_user
from tests.valkeys import OwnValkey
from tests.web.tools import wait_for

pytestmark = pytest.mark.django_db
NOW = float(int(time.time()))


@pytest.fixture
def redis(valkey: OwnValkey, settings: Settings) -> "Redis":
    settings.REDIS_URL = valkey.url
    found = server.client(valkey.url)
    found.flushall()
    return found


def see(redis: "Redis", scores: dict[User, float]) -> None:
    redis.zadd(PRESENCE, {str(person.pk): score for person, score in scores.items()})


def written() -> dict[UUID, float]:
    return {row.user_id: row.last_seen_at.timestamp() for row in UserActivity.objects.all()}


def writes(queries: CaptureQueriesContext) -> list[str]:
    return [each["sql"] for each in queries.captured_queries if "INSERT INTO" in each["sql"]]


@pytest.fixture
def people() -> list[User]:
    return [make_user() for _ in range(3)]


def test_many_are_written_by_one_statement(redis: "Redis", people: list[User]) -> None:
    see(redis, {person: NOW - number for number, person in enumerate(people)})
    with CaptureQueriesContext(connection) as queries:
        assert not Flusher().work()
    assert len(writes(queries)) == 1
    assert written() == {person.pk: NOW - number for number, person in enumerate(people)}


def test_being_seen_again_replaces_the_time_and_an_older_one_does_not(redis: "Redis", people: list[User]) -> None:
    ada, bob, _ = people
    UserActivity.objects.create(user=ada, last_seen_at=datetime.fromtimestamp(NOW - 9, UTC))
    UserActivity.objects.create(user=bob, last_seen_at=datetime.fromtimestamp(NOW - 1, UTC))
    see(redis, {ada: NOW - 2, bob: NOW - 2})
    Flusher().work()
    assert written() == {ada.pk: NOW - 2, bob.pk: NOW - 1}


def test_what_is_known_is_not_written_again(redis: "Redis", people: list[User]) -> None:
    see(redis, dict.fromkeys(people, NOW))
    Flusher().work()
    before = [*UserActivity.objects.extra(select={"version": "xmin::text"}).values_list("version", flat=True)]
    Flusher().work()
    assert before == [*UserActivity.objects.extra(select={"version": "xmin::text"}).values_list("version", flat=True)]


def test_only_what_is_new_is_looked_at(redis: "Redis", people: list[User]) -> None:
    ada, bob, cleo = people
    flusher = Flusher()
    see(redis, {ada: NOW - 60, bob: NOW})
    flusher.work()
    UserActivity.objects.all().delete()
    see(redis, {cleo: NOW - behind.OVERLAP + 1})
    flusher.work()
    assert written() == {bob.pk: NOW, cleo.pk: NOW - behind.OVERLAP + 1}


def test_a_clock_that_is_ahead_hides_nobody(redis: "Redis", people: list[User]) -> None:
    ada, bob, _ = people
    flusher = Flusher()
    see(redis, {ada: NOW + 3600})
    flusher.work()
    see(redis, {bob: time.time()})
    flusher.work()
    assert {*written()} == {ada.pk, bob.pk}


def test_more_than_a_batch_of_one_moment_is_all_written(redis: "Redis", people: list[User]) -> None:
    """As `serve_live` notes all its listeners at once."""
    many = User.objects.bulk_create(User(name=f"Listener {number}") for number in range(behind.BATCH + 5))
    see(redis, dict.fromkeys(many, NOW) | dict.fromkeys(people, NOW + 1))
    flusher = Flusher()
    assert flusher.work()
    assert not flusher.work()
    assert len(written()) == behind.BATCH + 8


def test_who_was_deleted_does_no_harm(redis: "Redis", people: list[User]) -> None:
    redis.zadd(PRESENCE, {str(uuid4()): NOW})
    see(redis, {people[0]: NOW})
    Flusher().work()
    assert written() == {people[0].pk: NOW}


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_who_is_deleted_in_that_moment_is_left_out_the_next_time(redis: "Redis", people: list[User]) -> None:
    ada, bob, _ = people
    see(redis, {ada: NOW, bob: NOW})
    flusher = Flusher()
    with ThreadPoolExecutor(1) as other:
        with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            cursor.execute("DELETE FROM user_global_reputation WHERE user_id = %(id)s; "
                           "DELETE FROM users WHERE id = %(id)s", {"id": ada.pk})
            flush = other.submit(with_own_connection, flusher.work)
            wait_for(is_waiting_for_a_lock)
        assert flush.result()
    assert written() == {}
    flusher.work()
    assert written() == {bob.pk: NOW}


def with_own_connection(work: Callable[[], bool]) -> bool:
    try:
        return work()
    finally:
        connections.close_all()


def is_waiting_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                       "AND wait_event_type = 'Lock'")
        return bool(cursor.fetchone()[0])


def test_the_server_forgets_and_is_told(redis: "Redis", people: list[User]) -> None:
    see(redis, dict.fromkeys(people, NOW))
    flusher = Flusher()
    flusher.work()
    redis.flushall()
    flusher.work()
    assert redis.zscore(PRESENCE, str(people[0].pk)) == NOW
    with CaptureQueriesContext(connection) as queries:
        assert {*presence.last_seen([person.pk for person in people])} == {person.pk for person in people}
    assert not queries.captured_queries


def test_what_is_put_back_replaces_nothing_newer(redis: "Redis", people: list[User]) -> None:
    UserActivity.objects.create(user=people[0], last_seen_at=datetime.fromtimestamp(NOW - 9, UTC))
    see(redis, {people[0]: NOW})
    behind.restore()
    assert redis.zscore(PRESENCE, str(people[0].pk)) == NOW


def test_the_database_answers_for_who_is_not_on_the_server(redis: "Redis", people: list[User],
                                                           django_assert_num_queries: Any) -> None:
    ada, bob, cleo = people
    Flusher().work()
    redis.delete(PRESENCE)
    UserActivity.objects.create(user=ada, last_seen_at=datetime.fromtimestamp(NOW - 9, UTC))
    UserActivity.objects.create(user=cleo, last_seen_at=datetime.fromtimestamp(NOW - presence.KEPT - 9, UTC))
    see(redis, {bob: NOW})
    with django_assert_num_queries(1):
        seen = presence.last_seen([person.pk for person in people])
    assert {person: moment.timestamp() for person, moment in seen.items()} == {ada.pk: NOW - 9, bob.pk: NOW}


def test_the_database_answers_while_the_server_is_away(people: list[User], settings: Settings) -> None:
    UserActivity.objects.create(user=people[0], last_seen_at=datetime.fromtimestamp(NOW - 9, UTC))
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    assert [*presence.last_seen([people[0].pk, people[1].pk])] == [people[0].pk]
    assert presence.lately_seen(5) == [people[0].pk]
    with pytest.raises(server.Away):
        Flusher().work()


def test_who_was_seen_last_is_named_first(redis: "Redis", people: list[User]) -> None:
    ada, bob, cleo = (person.pk for person in people)
    see(redis, dict(zip(people, (NOW - 1, NOW, NOW - 2), strict=True)))
    Flusher().work()
    assert presence.lately_seen(2) == [bob, ada]
    assert presence.lately_seen(9) == [bob, ada, cleo]
