"""An event that cannot be applied is set aside, harms nobody else, and can be tried again."""

from typing import Any
from uuid import uuid4

import pytest
from redis import Redis
from redis.exceptions import RedisError

from foodshare.models import OutboxEvent, User
from foodshare.streams.names import GROUP_ACTIVITIES, dead_letters_of, stream_of
from foodshare.streams.relay import publish
from foodshare.streams.server import client
from reputation.consumer import Consumer
from reputation.models import EventStreamCheckpoint, ReputationEvent, UserGlobalReputation
from tests.factories import later, make_moderator, make_user
from tests.streams.tools import adjust, deliver, kinds, score, tell
from tests.valkeys import OwnValkey

pytestmark = pytest.mark.django_db
DEAD = dead_letters_of("reputation.events")


@pytest.mark.parametrize(("kind", "payload", "why"), [
    ("bribery", {}, "no rule knows this kind of event"),
    ("highly_rated_food", {"stars": 9, "of": "food"}, "9 stars"),
    ("adjustment", {"raw": "much"}, "InvalidOperation"),
    ("inactivity_decay", {"days": 31}, "no step after 31 days"),
    ("reversal", {"reverses": str(uuid4())}, "is not in this person's ledger"),
    ("food_shared", {"group_id": str(uuid4())}, "community_groups"),
    ("food_shared", {"group_id": "no uuid"}, "invalid input syntax for type uuid"),
    ("adjustment", {"raw": "NaN"}, "NaN points"),
    ("adjustment", {"raw": "1e300"}, "must be hundredths"),
    ("adjustment", {"raw": "0.001"}, "must be hundredths"),
    ("food_shared", {"exchange_id": 5}, "Error"),
])
def test_it_is_kept_with_the_reason_while_its_neighbours_are_applied(server: Any, kind: str,
                                                                     payload: dict[str, Any], why: str) -> None:
    bad, others = make_user(), [make_user() for _ in range(10)]
    for user in [*others[:5], bad, *others[5:]]:
        tell(user) if user is not bad else tell(user, kind, **payload)
    deliver(server)
    assert {score(user) for user in others} == {77}
    row = OutboxEvent.objects.get()
    assert (row.user, row.attempts) == (bad, 1)
    assert why in row.error
    assert UserGlobalReputation.objects.get(pk=bad.pk).reputation_sync_status == "error"
    [(_, letter)] = server.xrange(DEAD)
    assert (letter["event"], letter["error"]) == (str(row.event_id), row.error)
    assert server.xpending(stream_of(row.topic, bad.pk), "reputation")["pending"] == 0


def test_the_events_of_the_same_person_after_it_are_applied(server: Any) -> None:
    user = make_user()
    tell(user)
    tell(user, "bribery")
    tell(user, "exchange_cancelled")
    deliver(server)
    assert kinds(user) == ["food_shared", "exchange_cancelled"]
    assert UserGlobalReputation.objects.get(pk=user.pk).reputation_sync_status == "error"


def test_tried_again_after_its_cause_is_gone_it_is_applied_once(server: Any, admin_client: Any) -> None:
    user = make_user()
    bad = adjust(user, "much")
    deliver(server)
    OutboxEvent.objects.filter(pk=bad.pk).update(payload={"raw": "1.50"})
    retry(admin_client, bad)
    deliver(server)
    assert str(score(user)) == "76.50"
    assert UserGlobalReputation.objects.get(pk=user.pk).reputation_sync_status == "synced"
    assert ReputationEvent.objects.count() == 1


def test_tried_again_in_vain_it_is_set_aside_again(server: Any, admin_client: Any) -> None:
    bad = tell(make_user(), "bribery")
    deliver(server)
    retry(admin_client, bad)
    assert OutboxEvent.objects.get().error == ""
    deliver(server)
    assert OutboxEvent.objects.get().attempts == 2


def test_events_that_wait_can_not_be_tried_again(server: Any, admin_client: Any) -> None:
    waiting = tell(make_user())
    page = retry(admin_client, waiting)
    assert "not set aside" in page.content.decode()


def test_the_list_of_those_set_aside_and_its_number_are_in_the_admin(server: Any, admin_client: Any) -> None:
    tell(make_user())
    tell(make_user(), "bribery")
    deliver(server)
    page = admin_client.get("/admin/foodshare/outboxevent/?state=set-aside").content.decode()
    assert "no rule knows this kind of event" in page
    assert "Events set aside" in admin_client.get("/admin/").content.decode()


def test_a_topic_of_another_shape_has_its_own_dead_letters(server: Any) -> None:
    OutboxEvent.objects.create(topic=GROUP_ACTIVITIES, event_type="group_joined", user=None,
                               payload={"group_id": "no uuid"})
    deliver(server)
    assert "uuid" in OutboxEvent.objects.get().error.lower()
    assert server.xlen(dead_letters_of(GROUP_ACTIVITIES)) == 1


def test_entries_that_are_none_of_ours_are_passed_over(server: Any) -> None:
    user = make_user()
    publish(server)
    server.xadd(stream_of("reputation.events", user.pk), {"what": "is this"})
    tell(user)
    deliver(server)
    assert score(user) == 77


def test_it_is_not_set_aside_without_its_dead_letter(server: Any, own_streams: OwnValkey) -> None:
    """The streams' server goes away while the event is found to be one."""
    deaths = [own_streams.kill]
    consumer = Consumer(server, step=lambda done: deaths.pop()() if done == "taken" and deaths else None)
    deliver(server)
    tell(make_user(), "bribery")
    publish(server)
    with pytest.raises(RedisError):
        consumer.work()
    own_streams.start()
    assert OutboxEvent.objects.get().error == ""
    deliver(server, consumer)
    assert OutboxEvent.objects.get().attempts == server.xlen(DEAD) == 1


def test_bytes_that_are_no_text_are_passed_over(server: Any, own_streams: OwnValkey) -> None:
    user = make_user()
    Redis.from_url(own_streams.url).xadd(stream_of("reputation.events", user.pk), {b"\xff": b"\xfe"})
    tell(user)
    deliver(client(own_streams.url))
    assert score(user) == 77


@pytest.fixture
def admin_client(client: Any) -> Any:
    client.force_login(make_moderator())
    return client


def retry(client: Any, row: OutboxEvent) -> Any:
    return client.post("/admin/foodshare/outboxevent/", {
        "action": "retry", "_selected_action": str(row.pk), "_confirmed": "yes"}, follow=True)


def test_only_who_may_change_the_outbox_may_retry(server: Any, client: Any) -> None:
    bad = tell(make_user(), "bribery")
    deliver(server)
    client.force_login(User.objects.create(name="Support", email="s@example.org", is_staff=True))
    assert retry(client, bad).status_code == 403
    assert OutboxEvent.objects.get().error


def test_the_checkpoint_tells_how_long_its_neighbour_had_waited(server: Any) -> None:
    user = make_user()
    tell(user)
    tell(user, "bribery")
    OutboxEvent.objects.update(created_at=later(seconds=-90))
    deliver(server)
    checkpoint = EventStreamCheckpoint.objects.get(stream_name=stream_of("reputation.events", user.pk))
    assert checkpoint.lag_seconds is not None
    assert checkpoint.lag_seconds >= 90
