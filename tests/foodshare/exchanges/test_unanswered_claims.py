"""A claim that the giver does not answer ends a day after the pickup time."""

from typing import Any

import pytest
from django.db import connections, transaction

from foodshare.models import Exchange, OutboxEvent
from foodshare.services import exchanges
from foodshare.tasks import expire_claims
from tests import factories as make


def claim(hours_past: float, status: str = "pending") -> Exchange:
    exchange = make.make_exchange(make.make_post(pickup_time=make.later(hours=-hours_past)))
    if status != "pending":
        Exchange.objects.filter(pk=exchange.pk).update(status=status)
    return exchange


def statuses(exchange: Exchange) -> tuple[str, str]:
    """The exchange's and its post's."""
    found: Any = Exchange.objects.select_related("food").get(pk=exchange.pk)
    return found.status, found.food.status


@pytest.mark.django_db
def test_it_is_cancelled_and_the_post_expires() -> None:
    exchange = claim(hours_past=25)
    assert expire_claims(timestamp=0) == 1
    assert statuses(exchange) == ("cancelled", "expired")
    exchange.refresh_from_db()
    assert (exchange.cancel_reason, exchange.cancelled_by) == ("The pickup time passed.", None)
    assert exchange.cancelled_at is not None


@pytest.mark.django_db
def test_nobody_is_blamed() -> None:
    exchange = claim(hours_past=25)
    exchanges.expire_claims()
    told = OutboxEvent.objects.filter(event_type="exchange_expired")
    assert {event.user_id for event in told} == {exchange.food.author_id, exchange.recipient_id}
    assert set(OutboxEvent.objects.values_list("topic", flat=True)) == {"group.mode.activities"}


@pytest.mark.django_db
@pytest.mark.parametrize(("hours_past", "status"), [(23, "pending"), (-1, "pending"), (25, "confirmed")])
def test_others_stay(hours_past: float, status: str) -> None:
    exchange = claim(hours_past, status)
    assert exchanges.expire_claims() == 0
    assert statuses(exchange) == (status, "claimed")


@pytest.mark.django_db
def test_more_than_a_batch_are_all_cancelled() -> None:
    held = [claim(hours_past=25) for _ in range(5)]
    assert exchanges.expire_claims(batch=2) == 5
    assert {statuses(exchange) for exchange in held} == {("cancelled", "expired")}


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_one_whose_post_another_transaction_holds_is_left_for_the_next_run() -> None:
    held, free = claim(hours_past=25), claim(hours_past=25)
    with transaction.atomic(using="owner"), connections["owner"].cursor() as other:
        other.execute("SELECT 1 FROM food_posts WHERE id = %s FOR UPDATE", [held.food_id])
        assert exchanges.expire_claims() == 1
    assert statuses(held) == ("pending", "claimed")
    assert statuses(free) == ("cancelled", "expired")
