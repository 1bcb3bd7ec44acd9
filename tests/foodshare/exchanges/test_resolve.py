"""A moderator ends a dispute."""

import pytest

from foodshare.exceptions import Forbidden, Invalid
from foodshare.models import Exchange, OutboxEvent
from foodshare.services import exchanges
from tests import factories as make

pytestmark = pytest.mark.django_db


def disputed(completed: bool = False) -> Exchange:
    exchange = make.make_exchange()
    exchanges.confirm(exchange, exchange.food.author)
    if completed:
        exchanges.complete(exchange, exchange.recipient)
    exchanges.dispute(exchange, exchange.recipient, "Spoiled")
    OutboxEvent.objects.all().delete()
    return exchange


def event_types() -> list[str]:
    return sorted(OutboxEvent.objects.values_list("event_type", flat=True))


def test_the_resolution_is_kept_and_told_to_both() -> None:
    moderator = make.make_moderator()
    exchange = exchanges.resolve(disputed(), moderator, "confirmed", "Try again tomorrow")
    exchange.refresh_from_db()
    assert (exchange.resolved_by, exchange.resolution) == (moderator, "Try again tomorrow")
    assert exchange.resolved_at is not None
    assert event_types() == ["exchange_resolved"] * 2
    shown = make.client_for(exchange.recipient).get(f"/api/v1/exchanges/{exchange.pk}").json()
    assert shown["resolution"] == "Try again tomorrow"


def test_completed_by_resolution_counts_once() -> None:
    exchange = exchanges.resolve(disputed(), make.make_moderator(), "completed", "It was handed over")
    assert exchange.completed_at is not None
    assert event_types() == ["exchange_completed"] * 2 + ["exchange_resolved"] * 2 + ["reliable_pickup"]


def test_completed_before_the_dispute_is_not_counted_again() -> None:
    exchange = disputed(completed=True)
    before = Exchange.objects.get(pk=exchange.pk).completed_at
    assert exchanges.resolve(exchange, make.make_moderator(), "completed", "Fine").completed_at == before
    assert event_types() == ["exchange_resolved"] * 2
    assert all(event.payload["was_completed"] for event in OutboxEvent.objects.all())


def test_cancelled_by_resolution_frees_the_post_and_blames_nobody() -> None:
    exchange = exchanges.resolve(disputed(), make.make_moderator(), "cancelled", "Misunderstanding")
    assert (exchange.food.status, exchange.cancelled_by) == ("available", None)
    assert event_types() == ["exchange_resolved"] * 2


@pytest.mark.parametrize(("outcome", "resolution", "attr"), [
    ("pending", "x", "outcome"), ("disputed", "x", "outcome"), ("", "x", "outcome"), ("completed", " ", "resolution"),
])
def test_a_bad_outcome_or_no_words_are_refused(outcome: str, resolution: str, attr: str) -> None:
    with pytest.raises(Invalid) as refused:
        exchanges.resolve(disputed(), make.make_moderator(), outcome, resolution)
    assert refused.value.attr == attr


def test_nobody_resolves_a_dispute_of_their_own() -> None:
    exchange = disputed()
    for party in (exchange.recipient, exchange.food.author):
        with pytest.raises(Forbidden):
            exchanges.resolve(exchange, party, "completed", "I was right")
