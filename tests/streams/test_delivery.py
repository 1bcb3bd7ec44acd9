"""From a service's transaction to the score."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foodshare.models import OutboxEvent
from foodshare.services import posts
from foodshare.streams.names import ALL_STREAMS, partition_of, stream_of
from foodshare.streams.relay import publish
from reputation.consumer import Consumer
from reputation.models import EventStreamCheckpoint, ReputationEvent, ReputationState, UserGlobalReputation
from reputation.state import load
from tests.factories import later, make_group, make_member, make_user
from tests.streams.tools import deliver, score, tell

pytestmark = pytest.mark.django_db


def test_sharing_food_raises_the_score_once(server: Any) -> None:
    group = make_group()
    author = make_member(group)
    posts.share(author, group_id=group.pk, title="Bread", pickup_time=later(hours=3))
    event = OutboxEvent.objects.get(event_type="food_shared")
    deliver(server)
    row = UserGlobalReputation.objects.get(pk=author.pk)
    assert (row.overall_score, row.total_food_shared, row.total_groups_participated) == (Decimal("77.00"), 1, 1)
    assert (row.last_stream_event_id, row.reputation_sync_status) == (str(event.event_id), "synced")
    entry = ReputationEvent.objects.get(user=author)
    assert (entry.pk, entry.event_type, entry.group_id) == (event.event_id, "food_shared", group.pk)
    assert [entry.previous_score, entry.impact_score, entry.new_score] == [Decimal(75), Decimal(2), Decimal(77)]
    assert not OutboxEvent.objects.filter(topic="reputation.events").exists()


def test_the_ledger_tells_by_which_stream_an_event_came(server: Any) -> None:
    user = make_user()
    tell(user)
    publish(server)
    [(entry_id, fields)] = server.xrange(stream_of("reputation.events", user.pk))
    deliver(server)
    entry = ReputationEvent.objects.get(user=user)
    assert (entry.stream_id, entry.stream_partition) == (entry_id, partition_of(user.pk))
    assert (fields["event"], fields["type"], fields["user"]) == (str(entry.pk), "food_shared", str(user.pk))
    assert entry.processed_at == UserGlobalReputation.objects.get(pk=user.pk).reputation_updated_at
    assert entry.processed_at is not None
    assert entry.created_at is not None


def test_the_checkpoint_is_the_last_entry_applied(server: Any) -> None:
    user = make_user()
    for _ in range(3):
        tell(user)
    deliver(server)
    stream = stream_of("reputation.events", user.pk)
    checkpoint = EventStreamCheckpoint.objects.get(stream_name=stream)
    assert (checkpoint.consumer_group, checkpoint.last_processed_id) == (
        "reputation", server.xrevrange(stream, count=1)[0][0])
    assert checkpoint.lag_seconds == 0


def test_an_event_delivered_twice_counts_once(server: Any) -> None:
    user = make_user()
    tell(user)
    publish(server)
    stream = stream_of("reputation.events", user.pk)
    [(_, fields)] = server.xrange(stream)
    server.xadd(stream, fields)
    deliver(server)
    server.xadd(stream, fields)
    deliver(server)
    assert score(user) == 77
    assert ReputationEvent.objects.count() == 1
    assert server.xpending(stream, "reputation")["pending"] == 0


def test_an_event_that_was_applied_and_appended_again_counts_once(server: Any) -> None:
    user = make_user()
    event = tell(user)
    deliver(server)
    OutboxEvent.objects.create(event_id=event.event_id, topic=event.topic, event_type=event.event_type, user=user)
    deliver(server)
    assert score(user) == 77
    assert not OutboxEvent.objects.filter(user=user).exists()


def test_a_missing_memo_is_made_from_the_ledger(server: Any) -> None:
    user = make_user()
    for _ in range(4):
        tell(user)
    deliver(server)
    ReputationState.objects.all().delete()
    for _ in range(4):
        tell(user)
    deliver(server)
    assert score(user) == 85  # the day's cap
    assert ReputationEvent.objects.count() == 8


@pytest.mark.parametrize("damaged", [{}, [], 7, {"version": 1}, {"version": 99, "joined": "2026-01-01"}])
def test_a_memo_that_cannot_be_read_is_made_again_from_the_ledger(server: Any, damaged: Any) -> None:
    user = make_user()
    tell(user)
    deliver(server)
    ReputationState.objects.update(state=damaged)
    tell(user)
    deliver(server)
    assert score(user) == 79
    assert load(ReputationState.objects.get(pk=user.pk).state).score == 79


def test_a_person_without_a_row_gets_one(server: Any) -> None:
    user = make_user()
    UserGlobalReputation.objects.all().delete()
    tell(user)
    deliver(server)
    assert score(user) == 77


def test_a_batch_costs_as_many_queries_for_one_event_as_for_many(server: Any) -> None:
    consumer = Consumer(server)
    deliver(server, consumer)  # makes the consumer groups
    counts = []
    for number in (1, 60):
        user = make_user()
        for _ in range(number):
            tell(user)
        publish(server)
        with CaptureQueriesContext(connection) as queries:
            assert consumer.work()
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_every_stream_is_named_as_the_rules_say() -> None:
    assert set(ALL_STREAMS) == {*(f"reputation.events:{{{n}}}" for n in range(8)), "user.mode.transitions",
                                "group.mode.activities", "trust.violations"}
