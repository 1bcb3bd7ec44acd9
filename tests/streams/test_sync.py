"""Live rows and checkpoints say how long events have waited, also while nobody applies anything."""

from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foodshare.models import OutboxEvent, User
from foodshare.services import outbox
from foodshare.streams.names import GROUP_ACTIVITIES, stream_of
from reputation import sync
from reputation.models import EventStreamCheckpoint, UserGlobalReputation
from reputation.tasks import sync_reputation
from tests.factories import later, make_moderator, make_user
from tests.streams.tools import deliver, tell
from tests.web.tools import url

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> datetime:
    return later()


def happened(now: datetime, user: User, kind: str = "food_shared", *, ago: float) -> OutboxEvent:
    row = tell(user, kind)
    OutboxEvent.objects.filter(pk=row.pk).update(created_at=now - timedelta(seconds=ago))
    return row


def told(user: User) -> tuple[str | None, int | None]:
    row = UserGlobalReputation.objects.get(pk=user.pk)
    return row.reputation_sync_status, row.stream_lag_seconds


def lags() -> dict[str, int | None]:
    return dict(EventStreamCheckpoint.objects.exclude(lag_seconds=0).values_list("stream_name", "lag_seconds"))


def test_while_nothing_is_delivered_the_oldest_event_tells_and_afterwards_nothing(server: Any, now: datetime) -> None:
    user, other = make_user(), make_user()
    for each in (user, other):
        tell(each)
    deliver(server)
    for ago in (50, 90, 70):
        happened(now, user, ago=ago)
    assert sync.status_of(user.pk) == "processing"
    assert sync.sync(now) == 1
    assert (told(user), told(other)) == (("processing", 90), ("synced", 0))
    assert lags() == {stream_of("reputation.events", user.pk): 90}
    assert sync.sync(now) == 0
    deliver(server)
    sync.sync(now)
    assert (told(user), sync.status_of(user.pk), lags()) == (("synced", 0), "synced", {})


def test_one_that_is_set_aside_is_an_error_until_it_is_tried_again_with_success(server: Any, now: datetime) -> None:
    user = make_user()
    bad = happened(now, user, "bribery", ago=300)
    deliver(server)
    sync.sync(now)
    assert (told(user), sync.status_of(user.pk)) == (("error", 300), "error")
    assert lags() == {}  # no stream is to deliver it
    bad.refresh_from_db()
    outbox.retry(bad, make_moderator())
    sync.sync(now)
    assert (told(user), lags()) == (("processing", 300), {stream_of("reputation.events", user.pk): 300})
    OutboxEvent.objects.all().delete()
    sync_reputation(timestamp=0)
    assert (told(user), lags()) == (("synced", 0), {})


def test_what_has_just_happened_is_on_its_way(server: Any, now: datetime) -> None:
    user = make_user()
    happened(now, user, ago=sync.PATIENCE.total_seconds() - 1)
    assert sync.sync(now) == 0
    assert (told(user), sync.status_of(user.pk)) == (("synced", 0), "processing")


def test_other_topics_have_a_lag_and_no_people(server: Any, now: datetime) -> None:
    user = make_user()
    outbox.append(GROUP_ACTIVITIES, "group_joined", user.pk)
    deliver(server)
    row = outbox.append(GROUP_ACTIVITIES, "group_joined", user.pk)
    OutboxEvent.objects.filter(pk=row.pk).update(created_at=now - sync.PATIENCE * 6)
    assert sync.sync(now) == 0
    assert (told(user), lags()) == (("synced", 0), {GROUP_ACTIVITIES: 60})


def test_a_batch_costs_as_many_queries_for_one_person_as_for_many(server: Any, now: datetime) -> None:
    counts = []
    for number in (1, 30):
        for _ in range(number):
            happened(now, make_user(), ago=100)
        with CaptureQueriesContext(connection) as queries:
            assert sync.sync(now) == number
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.django_db(transaction=True)
def test_it_waits_for_nobody_who_applies_events(now: datetime) -> None:
    people = [make_user() for _ in range(3)]
    for user in people:
        happened(now, user, ago=100)
    with psycopg.connect(url("default")) as consumer:
        consumer.execute("SELECT FROM user_global_reputation WHERE user_id = %s FOR UPDATE", [people[1].pk])
        assert sync.sync(now) == 2
    assert [told(user) for user in people] == [("processing", 100), ("synced", 0), ("processing", 100)]
    assert sync.sync(now) == 1
