"""presence: who is about, without a write to the database."""

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foodshare import presence
from foodshare.cache.keys import PRESENCE
from foodshare.cache.server import client
from foodshare.models import Relationship, User
from groups.models import Conversation, Participant
from tests.factories import client_for, make_user

pytestmark = pytest.mark.django_db
URL = "/api/v1/presence"


def befriend(one: User, other: User) -> None:
    for giver, taker in ((one, other), (other, one)):
        Relationship.objects.create(from_user=giver, to_user=taker, type="FRIEND", status="ACCEPTED")


def server() -> Any:
    return client(django_settings.REDIS_URL)


@pytest.fixture
def ada() -> Iterator[User]:
    user, cache = make_user(), server()
    yield user
    cache.zrem(PRESENCE, str(user.pk))


@pytest.fixture
def reader(ada: User) -> User:
    """A friend of Ada's."""
    user = make_user()
    befriend(user, ada)
    return user


@pytest.fixture
def whole() -> Iterator[None]:
    """The server knows everybody who was seen, and says so."""
    server().zadd(PRESENCE, {presence.WHOLE: float("inf")})
    yield
    server().zrem(PRESENCE, presence.WHOLE)


def seen(reader: User, *people: User) -> list[dict[str, Any]]:
    answer = client_for(reader).get(URL, {"user": [str(person.pk) for person in people]})
    assert answer.status_code == 200, answer.content
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def test_who_made_a_request_is_online_at_once(ada: User, reader: User) -> None:
    assert seen(reader, ada) == [{"user": str(ada.pk), "online": False, "last_seen": None}]
    client_for(ada).get("/api/v1/me")
    (found,) = seen(reader, ada)
    assert found["online"] is True
    assert found["last_seen"]


def test_being_seen_writes_to_no_database(ada: User) -> None:
    client = client_for(ada)
    with CaptureQueriesContext(connection) as captured:
        client.get("/api/v1/me")
    assert [each["sql"] for each in captured.captured_queries if not each["sql"].startswith("SELECT")] == []
    assert server().zscore(PRESENCE, str(ada.pk)) is not None


def test_a_minute_later_one_is_offline_and_when_one_was_seen_is_told(ada: User, reader: User) -> None:
    server().zadd(PRESENCE, {str(ada.pk): time.time() - 61})
    (found,) = seen(reader, ada)
    assert found["online"] is False
    assert found["last_seen"]


def test_is_noted_at_most_once_a_second(ada: User) -> None:
    begin, scores = time.monotonic(), set()
    for _ in range(50):
        presence.note(ada.pk)
        scores.add(server().zscore(PRESENCE, str(ada.pk)))
    assert len(scores) <= 1 + time.monotonic() - begin


def test_who_was_not_seen_for_a_week_is_forgotten(ada: User, reader: User) -> None:
    server().zadd(PRESENCE, {str(ada.pk): time.time() - presence.KEPT - 1, str(reader.pk): time.time()})
    presence.trim(server())
    assert server().zmscore(PRESENCE, [str(ada.pk), str(reader.pk)])[0] is None
    assert server().zscore(PRESENCE, str(reader.pk)) is not None


def test_strangers_and_the_blocked_are_left_out(ada: User, reader: User) -> None:
    talking, blocked, asked = make_user(), make_user(), make_user()
    befriend(reader, blocked)
    Relationship.objects.create(from_user=blocked, to_user=reader, type="BLOCK", status="ACCEPTED")
    Relationship.objects.create(from_user=reader, to_user=asked, type="FRIEND", status="PENDING")
    talk, other = Conversation.objects.create(), Conversation.objects.create()
    for conversation, person in ((talk, reader), (talk, talking), (other, asked)):
        Participant.objects.create(conversation=conversation, user=person)
    people = [make_user(), talking, blocked, asked, ada, reader, User(), ada]
    assert [each["user"] for each in seen(reader, *people)] == [str(talking.pk), str(ada.pk)]


def test_is_answered_by_two_queries(ada: User, reader: User, whole: None, django_assert_num_queries: Any) -> None:
    client, others = client_for(reader), [make_user() for _ in range(20)]
    for other in others:
        befriend(reader, other)
    with django_assert_num_queries(2):  # the token and the acquaintances
        client.get(URL, {"user": [str(other.pk) for other in others]})


@pytest.mark.parametrize("query", ["", "?user=", "?user=x", "?user=%F0%9F%A5%96", "?users=x", "?limit=1",
                                   "?" + "&".join(["user=00000000-0000-0000-0000-000000000000"] * 101)])
def test_bad_parameters_are_refused(query: str) -> None:
    assert client_for(make_user()).get(URL + query).status_code == 400


def test_an_unverified_neighbor_is_refused() -> None:
    assert client_for(make_user("neighborhood")).get(f"{URL}?user={make_user().pk}").status_code == 403


def test_without_the_cache_server_nobody_is_seen_and_all_goes_on(ada: User, reader: User, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    assert client_for(ada).get("/api/v1/me").status_code == 200
    assert seen(reader, ada) == [{"user": str(ada.pk), "online": False, "last_seen": None}]


def test_a_server_that_does_not_answer_is_left_alone(ada: User, reader: User, settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=16) as silent:
        settings.REDIS_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        people = [ada, reader, *(make_user() for _ in range(8))]
        for person in people:
            assert client_for(person).get("/api/v1/me").status_code == 200
        silent.settimeout(0)
        assert len(list(waiting(silent))) < len(people) / 2  # the listener of this process may try as well


def waiting(listener: socket.socket) -> Iterator[None]:
    """One for each connection that somebody tried to make."""
    while True:
        try:
            connected, _ = listener.accept()
        except BlockingIOError:
            return
        connected.close()
        yield
