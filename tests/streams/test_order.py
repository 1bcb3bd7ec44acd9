"""The events of one person are applied in the order in which they happened, whatever the streams do."""

from decimal import Decimal
from typing import Any

import pytest

from foodshare.models import OutboxEvent
from foodshare.streams.names import stream_of
from foodshare.streams.relay import publish
from reputation.consumer import Consumer
from reputation.models import ReputationEvent
from tests.factories import make_user
from tests.streams.tools import adjust, deliver, kinds, score, tell

pytestmark = pytest.mark.django_db


def test_an_event_whose_entry_was_lost_comes_before_the_next_one_of_its_person(server: Any) -> None:
    user = make_user()
    tell(user)
    tell(user, "exchange_cancelled")
    publish(server)
    stream = stream_of("reputation.events", user.pk)
    [(first, _), _] = server.xrange(stream)
    server.xdel(stream, first)
    deliver(server)
    assert kinds(user) == ["food_shared", "exchange_cancelled"]


def test_entries_in_the_wrong_order_do_not_matter(server: Any) -> None:
    """Pushed past the upper bound and then down, 99.99 - 30 differs from what the other order gives."""
    user = make_user()
    adjust(user, "60")
    adjust(user, "-30")
    publish(server)
    stream = stream_of("reputation.events", user.pk)
    entries = server.xrange(stream)
    server.delete(stream)
    for _, fields in reversed(entries):
        server.xadd(stream, fields)
    deliver(server)
    assert str(score(user)) == "69.99"
    assert list(ReputationEvent.objects.order_by("processed_at").values_list("impact_score", flat=True)) == [
        Decimal("24.99"), Decimal(-30)]


def test_what_waits_unpublished_comes_before_a_later_event_that_was_delivered(server: Any) -> None:
    user = make_user()
    first = tell(user)
    tell(user, "exchange_cancelled")
    publish(server)
    OutboxEvent.objects.filter(pk=first.pk).update(stream_id=None)
    stream = stream_of("reputation.events", user.pk)
    server.xdel(stream, server.xrange(stream)[0][0])
    consumer = Consumer(server)
    while consumer.work():
        pass
    consumer.work()
    assert kinds(user) == ["food_shared", "exchange_cancelled"]
    assert ReputationEvent.objects.get(event_type="food_shared").stream_id is None


def test_the_order_of_application_is_the_order_in_the_ledger(server: Any) -> None:
    user = make_user()
    for number in range(30):
        adjust(user, "1" if number % 2 else "-1", note=str(number))
    deliver(server)
    scores: list[Any] = list(ReputationEvent.objects.filter(user=user).order_by("processed_at").values_list(
        "previous_score", "new_score"))
    assert [previous for previous, _ in scores[1:]] == [new for _, new in scores[:-1]]
    assert len(set(ReputationEvent.objects.values_list("processed_at", flat=True))) == 30
