"""Several consumers share the streams, and take over from those that died."""

import time
from collections import Counter
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from foodshare.streams.names import stream_of
from foodshare.streams.relay import publish
from reputation.consumer import Consumer
from reputation.models import EventStreamCheckpoint, ReputationEvent
from tests.factories import make_user
from tests.races import at_once
from tests.streams.tools import deliver, score, tell
from tests.valkeys import OwnValkey

IDLE = 0.2  # seconds


@pytest.mark.django_db
def test_what_a_dead_consumer_held_is_taken_over_and_applied_in_order(server: Any) -> None:
    user = make_user()
    dead, living = Consumer(server), Consumer(server, claim_idle=IDLE)
    dead.name = "dead"
    deliver(server, living)
    for _ in range(3):
        tell(user)
    publish(server)
    assert len(dead.read()) == 3
    assert not living.work()
    time.sleep(IDLE)
    while not living.work():
        time.sleep(IDLE / 4)
    assert score(user) == 81
    assert server.xpending(stream_of("reputation.events", user.pk), "reputation")["pending"] == 0


@pytest.mark.django_db
def test_a_consumer_that_comes_back_after_it_was_given_up_changes_nothing(server: Any) -> None:
    user = make_user()
    slow, quick = Consumer(server), Consumer(server, claim_idle=0.0)
    slow.name = "slow"
    deliver(server, quick)
    tell(user)
    publish(server)
    slow.held = slow.read()
    assert quick.work()
    assert score(user) == 77
    assert slow.work()
    assert score(user) == 77
    assert ReputationEvent.objects.count() == 1


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan"), 1e6])
def test_a_patience_that_makes_no_sense_is_refused(seconds: float) -> None:
    with pytest.raises(CommandError, match="--claim-after") as refusal:
        call_command("consume_reputation_events", claim_after=seconds)
    assert refusal.value.returncode == 2


@pytest.mark.django_db(transaction=True)
def test_relays_and_consumers_at_once_apply_each_event_once(server: Any, own_streams: OwnValkey) -> None:
    people = [make_user() for _ in range(20)]
    for _ in range(5):
        for user in people:
            tell(user)

    def work(index: int) -> None:
        client = own_streams.client()
        consumer = Consumer(client)
        consumer.name = f"consumer {index}"
        while publish(client, size=7):
            pass
        for _ in range(20):
            consumer.work()

    at_once(work, 4)
    deliver(server)
    assert {score(user) for user in people} == {85}
    assert Counter(ReputationEvent.objects.values_list("user_id", flat=True)) == {user.pk: 5 for user in people}
    for user in people:
        scores = ReputationEvent.objects.filter(user=user).order_by("processed_at").values_list("new_score", flat=True)
        assert list(scores) == [77, 79, 81, 83, 85]
    streams = EventStreamCheckpoint.objects.filter(consumer_group="reputation")
    for checkpoint in streams:
        last = server.xrevrange(checkpoint.stream_name, count=1)
        assert not last or checkpoint.last_processed_id == last[0][0]
