"""Consumers that are far behind leave events in the outbox, and the operators are told."""

from typing import Any

import pytest

from foodshare.streams.names import GROUP_ACTIVITIES
from foodshare.streams.relay import MOST_AHEAD, Relay
from reputation.consumer import Consumer
from tests.factories import make_user
from tests.streams.tools import score, tell


@pytest.mark.django_db
def test_nothing_more_is_published_until_they_have_caught_up(server: Any, caplog: pytest.LogCaptureFixture) -> None:
    pipeline = server.pipeline(transaction=False)
    for _ in range(MOST_AHEAD):
        pipeline.xadd(GROUP_ACTIVITIES, {"row": 0, "user": ""}, id="*")
    pipeline.execute()
    user, relay, consumer = make_user(), Relay(server), Consumer(server)
    tell(user)
    relay.work()
    relay.work()
    assert server.xlen(GROUP_ACTIVITIES) == MOST_AHEAD
    assert [record.message for record in caplog.records if "nothing more is published" in record.message] == [
        f"the streams hold {MOST_AHEAD} entries that some consumer group has not acknowledged: nothing more is "
        f"published until they are fewer than {MOST_AHEAD}"]
    consumer.work()
    consumer.work()
    relay.time_to_trim.hasten()
    relay.work()
    consumer.work()
    assert score(user) == 77
