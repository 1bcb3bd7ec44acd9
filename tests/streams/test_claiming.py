"""What a dead consumer held is reached behind much that living ones hold."""

from typing import Any

import pytest

from foodshare.streams.names import REPUTATION, stream_of
from foodshare.streams.relay import publish
from reputation.consumer import Consumer
from tests.factories import make_user
from tests.streams.tools import deliver, score, tell

HELD = 3_000  # entries; the server looks at a thousand for one claim


@pytest.mark.django_db
def test_a_dead_consumers_entry_behind_those_of_a_living_one(server: Any) -> None:
    user, consumer = make_user(), Consumer(server, claim_idle=60.0)
    deliver(server, consumer)  # makes the consumer groups
    stream = stream_of(REPUTATION, user.pk)
    pipeline = server.pipeline(transaction=False)
    for _ in range(HELD):
        pipeline.xadd(stream, {"row": 0, "user": ""})
    pipeline.execute()
    tell(user)
    publish(server)
    server.xreadgroup("reputation", "living", {stream: ">"}, count=HELD)
    [(_, [(entry, _)])] = server.xreadgroup("reputation", "dead", {stream: ">"})
    server.xclaim(stream, "reputation", "dead", 0, [entry], idle=100_000)
    consumer.time_to_claim.hasten()
    for _ in range(HELD // 1000 + 2):
        consumer.work()
    assert score(user) == 77
    assert server.xpending(stream, "reputation")["consumers"] == [{"name": "living", "pending": HELD}]
