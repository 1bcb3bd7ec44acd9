"""A stream is cut only behind what every consumer group has acknowledged."""

from typing import Any

import pytest

from foodshare.streams.names import stream_of
from foodshare.streams.relay import publish
from foodshare.streams.upkeep import trim
from reputation.consumer import Consumer
from tests.factories import make_user
from tests.streams.tools import deliver, tell

pytestmark = pytest.mark.django_db


def test_acknowledged_entries_are_dropped(server: Any) -> None:
    user = make_user()
    for _ in range(3):
        tell(user)
    deliver(server)
    assert trim(server) == 3
    assert server.xlen(stream_of("reputation.events", user.pk)) == 0


def test_a_stream_that_nobody_has_read_is_kept(server: Any) -> None:
    tell(make_user())
    publish(server)
    assert trim(server) == 0


def test_what_a_consumer_holds_is_kept_and_all_that_follows(server: Any) -> None:
    user = make_user()
    stream = stream_of("reputation.events", user.pk)
    dead, living = Consumer(server), Consumer(server)
    deliver(server, living)
    for _ in range(2):
        tell(user)
    publish(server)
    assert len(dead.read()) == 2
    tell(user)
    deliver(server, living)
    assert server.xpending(stream, "reputation")["pending"] == 2
    assert trim(server) == 0
    assert server.xlen(stream) == 3


def test_another_programs_group_keeps_what_it_has_not_acknowledged(server: Any) -> None:
    user = make_user()
    stream = stream_of("reputation.events", user.pk)
    for _ in range(3):
        tell(user)
    publish(server)
    server.xgroup_create(stream, "another", id="0")
    deliver(server)
    assert trim(server) == 0
    [(_, entries)] = server.xreadgroup("another", "one", {stream: ">"}, count=2)
    server.xack(stream, "another", *(entry for entry, _ in entries))
    assert trim(server) == 2
    assert server.xlen(stream) == 1
