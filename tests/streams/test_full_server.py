"""A streams' server whose memory is full takes what it can, and goes on where it stopped."""

from typing import Any

import pytest
from redis.exceptions import OutOfMemoryError

from foodshare.models import OutboxEvent
from foodshare.streams.names import GROUP_ACTIVITIES
from foodshare.streams.relay import BATCH, Relay, publish
from reputation.consumer import Consumer
from tests.factories import make_user
from tests.streams.tools import deliver, score, tell

pytestmark = pytest.mark.django_db
ROOM = 200_000  # bytes


@pytest.fixture
def limited(server: Any) -> Any:
    """The server, whose limit the test may change."""
    before = server.config_get("maxmemory")["maxmemory"]
    yield server
    server.config_set("maxmemory", before)


def limit(server: Any, room: int) -> None:
    """Leave so much more memory."""
    server.config_set("maxmemory", server.info("memory")["used_memory"] + room)


def fill_outbox(events: int, size: int = 1000) -> None:
    user = make_user()
    OutboxEvent.objects.bulk_create(
        OutboxEvent(topic=GROUP_ACTIVITIES, event_type="x", user=user, payload={"text": "é" * size})
        for _ in range(events))


def test_what_it_took_before_it_was_full_is_not_published_again(limited: Any) -> None:
    fill_outbox(BATCH)
    limit(limited, ROOM)
    with pytest.raises(OutOfMemoryError):
        publish(limited)
    taken = limited.xlen(GROUP_ACTIVITIES)
    assert 0 < taken < BATCH
    assert OutboxEvent.objects.exclude(stream_id=None).count() == taken
    limit(limited, 100 * ROOM)
    while publish(limited):
        pass
    assert limited.xlen(GROUP_ACTIVITIES) == BATCH


def test_what_was_applied_makes_room_for_what_waits(limited: Any) -> None:
    consumer = Consumer(limited)
    deliver(limited, consumer)
    fill_outbox(BATCH)
    deliver(limited, consumer)
    limit(limited, -1)
    fill_outbox(BATCH // 10)
    with pytest.raises(OutOfMemoryError):
        publish(limited)
    assert Relay(limited).work()
    assert not OutboxEvent.objects.filter(stream_id=None).exists()


def test_events_are_applied_and_set_aside_all_the_same(limited: Any) -> None:
    consumer = Consumer(limited)
    deliver(limited, consumer)
    good, bad = make_user(), make_user()
    tell(bad, "bribery")
    tell(good)
    publish(limited)
    limit(limited, -1)
    assert consumer.work()
    assert score(good) == 77
    assert OutboxEvent.objects.get().user == bad
