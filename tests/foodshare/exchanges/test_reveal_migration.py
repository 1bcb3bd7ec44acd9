"""What the migration makes of ratings that were told when they were given."""

from datetime import UTC, datetime, timedelta
from importlib import import_module
from uuid import UUID

import pytest
from django.db import connection

from foodshare.models import Exchange, OutboxEvent, Rating, User
from foodshare.services.ratings import reveal_ratings
from tests import factories as make

pytestmark = pytest.mark.django_db
MIGRATION = import_module("foodshare.migrations.0016_revealed_ratings")
NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)


def completed(days_ago: int) -> Exchange:
    return make.make_exchange(status="completed", completed_at=NOON - timedelta(days=days_ago))


def old_rating(exchange: Exchange, rater: User, days_ago: int, *told: int) -> Rating:
    """A rating with the events that were written when it was given, and each time that it was changed."""
    rating = Rating.objects.create(exchange=exchange, rater=rater, stars=told[-1] if told else 4,
                                   created_at=NOON - timedelta(days=days_ago))
    for stars, previous in zip(told, (None, *told), strict=False):
        OutboxEvent.objects.create(topic="reputation.events", event_type="exchange_rated", user=exchange.food.author,
                                   payload={"rating_id": str(rating.pk), "stars": stars, "previous_stars": previous})
    return rating


def migrate() -> dict[UUID, datetime | None]:
    with connection.schema_editor(atomic=False) as editor:
        MIGRATION.reveal_shown(None, editor)
    return dict(Rating.objects.values_list("pk", "revealed_at"))


def stars_told() -> list[int]:
    events = OutboxEvent.objects.filter(payload__has_key="stars").order_by("id")
    return [event.payload["stars"] for event in events]


def test_a_pair_was_revealed_by_the_later_one() -> None:
    exchange = completed(9)
    first, second = old_rating(exchange, exchange.recipient, 8, 5), old_rating(exchange, exchange.food.author, 6, 4)
    assert migrate() == dict.fromkeys((first.pk, second.pk), NOON - timedelta(days=6))
    assert stars_told() == [5, 4]


def test_one_alone_was_revealed_after_two_weeks() -> None:
    exchange = completed(20)
    rating = old_rating(exchange, exchange.recipient, 19, 5)
    assert migrate() == {rating.pk: NOON - timedelta(days=6)}
    assert stars_told() == [5]


def test_of_a_late_pair_each_was_revealed_in_its_time() -> None:
    exchange = completed(20)
    early, late = old_rating(exchange, exchange.recipient, 19, 5), old_rating(exchange, exchange.food.author, 2, 4)
    assert migrate() == {early.pk: NOON - timedelta(days=6), late.pk: NOON - timedelta(days=2)}


def test_a_hidden_one_is_told_no_more_until_it_is_revealed() -> None:
    exchange = completed(9)
    rating = old_rating(exchange, exchange.recipient, 8, 5, 3)
    assert migrate() == {rating.pk: None}
    assert stars_told() == []
    Exchange.objects.filter(pk=exchange.pk).update(completed_at=NOON - timedelta(days=20))
    reveal_ratings()
    migrate()  # an interrupted run is simply run again
    assert stars_told() == [3]


def test_of_a_changed_one_the_last_word_counts() -> None:
    exchange = completed(20)
    old_rating(exchange, exchange.recipient, 19, 5, 2, 1)
    migrate()
    assert stars_told() == [1]


def test_adopted_ones_and_other_events_stay() -> None:
    exchange = completed(20)
    adopted = Rating.objects.create(exchange=exchange, stars=5)
    OutboxEvent.objects.create(topic="reputation.events", event_type="exchange_completed", user=exchange.recipient)
    assert migrate() == {adopted.pk: None}
    assert OutboxEvent.objects.count() == 1
