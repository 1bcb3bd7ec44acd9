"""Whoever reveals ratings at once, each is revealed and told exactly once."""

from collections.abc import Callable
from functools import partial

import pytest

from foodshare.models import Exchange, OutboxEvent, Rating
from foodshare.services.ratings import rate, reveal_ratings
from tests import factories as make
from tests.races import all_at_once, race

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 10


def assert_each_told_once(exchanges: list[Exchange]) -> None:
    ratings = Rating.objects.filter(exchange__in=exchanges)
    assert ratings.count() == 2 * len(exchanges)
    assert not ratings.hidden().exists()
    told = OutboxEvent.objects.filter(payload__has_key="rating_id").values_list("payload__rating_id", flat=True)
    assert sorted(told) == sorted(map(str, ratings.values_list("pk", flat=True)))


def test_both_sides_rating_at_once_reveal_both() -> None:
    exchanges = [make.make_exchange(status="completed", completed_at=make.later()) for _ in range(ROUNDS)]
    for exchange in exchanges:
        all_at_once([partial(rate, exchange, side, 5) for side in (exchange.food.author, exchange.recipient)])
    assert_each_told_once(exchanges)


def test_the_job_beside_a_second_rating() -> None:
    exchanges = []
    for _ in range(ROUNDS):
        exchange = make.make_exchange(status="completed", completed_at=make.later())
        rate(exchange, exchange.recipient, 5)
        Exchange.objects.filter(pk=exchange.pk).update(completed_at=make.later(days=-15))
        exchanges.append(exchange)
        racers: list[Callable[[], object]] = [partial(rate, exchange, exchange.food.author, 4), reveal_ratings,
                                              reveal_ratings]
        all_at_once(racers)
    assert_each_told_once(exchanges)


def test_what_is_told_is_what_both_sides_see() -> None:
    """A change races with the job; if it comes too late, it is refused."""
    for _ in range(ROUNDS):
        exchange = make.make_exchange(status="completed", completed_at=make.later())
        rating = rate(exchange, exchange.recipient, 5)
        Exchange.objects.filter(pk=exchange.pk).update(completed_at=make.later(days=-15))
        race([partial(rate, exchange, exchange.recipient, 1), reveal_ratings])
        reveal_ratings()
        rating.refresh_from_db()
        assert OutboxEvent.objects.get(event_id=rating.pk).payload["stars"] == rating.stars
