"""Whatever the streams' server loses is published again, and applied once."""

from typing import Any

import pytest

from foodshare.models import OutboxEvent
from foodshare.streams.names import stream_of
from foodshare.streams.relay import Relay, publish
from foodshare.streams.upkeep import republish_lost
from reputation.consumer import Consumer
from reputation.models import ReputationEvent
from tests.factories import make_user
from tests.streams.tools import deliver, score, tell

pytestmark = pytest.mark.django_db


def unpublished() -> int:
    return OutboxEvent.objects.filter(stream_id=None).count()


def test_a_server_that_was_emptied_gets_everything_again(server: Any) -> None:
    people = [make_user() for _ in range(12)]
    for user in people:
        tell(user)
    publish(server)
    server.flushall()
    assert republish_lost(server).lost == 12
    deliver(server)
    assert {score(user) for user in people} == {77}
    assert ReputationEvent.objects.count() == 12


def test_a_server_emptied_while_consumers_read_gets_everything_again(server: Any) -> None:
    consumer = Consumer(server)
    deliver(server, consumer)
    user = make_user()
    tell(user)
    publish(server)
    server.flushall()
    relay = Relay(server)
    for _ in range(3):
        relay.work()
        consumer.work()
        consumer.work()
    assert score(user) == 77


def test_what_waits_or_is_held_by_a_consumer_is_not_lost(server: Any) -> None:
    consumer = Consumer(server)
    deliver(server, consumer)
    tell(make_user())
    publish(server)
    assert republish_lost(server).lost == 0
    assert len(consumer.read()) == 1
    assert republish_lost(server).lost == 0
    assert unpublished() == 0


def test_an_entry_with_another_event_in_its_place_is_lost(server: Any) -> None:
    """A replica that took over may give an entry the number of one that it never had."""
    user = make_user()
    tell(user)
    publish(server)
    stream = stream_of("reputation.events", user.pk)
    [(entry, fields)] = server.xrange(stream)
    server.delete(stream)
    server.xadd(stream, {**fields, "event": "another"}, id=entry)
    assert republish_lost(server).lost == 1


def test_an_entry_that_was_acknowledged_before_the_database_went_back_is_published_again(server: Any) -> None:
    user = make_user()
    event = tell(user)
    publish(server)
    row = OutboxEvent.objects.get(pk=event.pk)
    deliver(server)
    ReputationEvent.objects.all().delete()
    row.save(force_insert=True)  # as a restored backup has it
    assert republish_lost(server).lost == 1
    deliver(server)
    assert ReputationEvent.objects.count() == 1


def test_looking_goes_through_all_rows_a_part_at_a_time(server: Any) -> None:
    for _ in range(5):
        tell(make_user())
    publish(server)
    server.flushall()
    first = republish_lost(server, size=3)
    assert (first.lost, first.last is None) == (3, False)
    second = republish_lost(server, after=first.last or 0, size=3)
    assert (second.lost, second.last) == (2, None)


def test_events_set_aside_are_left_alone(server: Any) -> None:
    event = tell(make_user())
    publish(server)
    server.flushall()
    OutboxEvent.objects.filter(pk=event.pk).update(error="no")
    assert republish_lost(server).lost == 0
