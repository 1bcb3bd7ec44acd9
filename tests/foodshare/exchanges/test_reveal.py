"""A rating is told once, when it is revealed: as both sides have rated, or two weeks after completion."""

from uuid import UUID

import pytest

from foodshare.exceptions import Conflict
from foodshare.models import Exchange, OutboxEvent, Rating
from foodshare.services.ratings import rate, reveal_batch, reveal_ratings
from foodshare.tasks import reveal_ratings as job
from tests import factories as make
from tests.plans import buffers

pytestmark = pytest.mark.django_db


def completed(days_ago: float = 0) -> Exchange:
    return make.make_exchange(status="completed", completed_at=make.later(days=-days_ago))


def rated(days_ago: float, stars: int = 5) -> Rating:
    """A rating by the recipient that its giver has left unanswered."""
    exchange = completed()
    rating = rate(exchange, exchange.recipient, stars)
    Exchange.objects.filter(pk=exchange.pk).update(completed_at=make.later(days=-days_ago))
    return rating


def told() -> set[tuple[str, UUID | None, int]]:
    events = OutboxEvent.objects.all()
    return {(event.event_type, event.user_id, event.payload["stars"]) for event in events}


def revealed() -> set[UUID]:
    return set(Rating.objects.shown().values_list("pk", flat=True))


def test_a_rating_alone_is_hidden_and_told_to_nobody() -> None:
    exchange = completed()
    rate(exchange, exchange.recipient, 1)
    rate(exchange, exchange.recipient, 5)
    assert (told(), revealed()) == (set(), set())


def test_the_second_sides_rating_reveals_both() -> None:
    exchange = completed()
    giver, recipient = exchange.food.author, exchange.recipient
    first, second = rate(exchange, recipient, 5), rate(exchange, giver, 3)
    assert revealed() == {first.pk, second.pk}
    assert told() == {("highly_rated_food", giver.pk, 5), ("exchange_rated", recipient.pk, 3)}


def test_a_changed_rating_is_told_as_it_is_when_revealed() -> None:
    exchange = completed()
    for stars in (5, 4, 2):
        rate(exchange, exchange.recipient, stars)
    rate(exchange, exchange.food.author, 5)
    assert told() == {("poor_food_rating", exchange.food.author_id, 2), ("exchange_rated", exchange.recipient_id, 5)}


@pytest.mark.parametrize(("side", "stars", "event_type"), [
    ("recipient", 5, "highly_rated_food"), ("recipient", 3, "exchange_rated"), ("recipient", 2, "poor_food_rating"),
    ("giver", 5, "exchange_rated"), ("giver", 1, "exchange_rated"),
])
def test_it_concerns_the_other_side(side: str, stars: int, event_type: str) -> None:
    exchange = completed(days_ago=15)
    giver, recipient = exchange.food.author, exchange.recipient
    rater, person = (recipient, giver) if side == "recipient" else (giver, recipient)
    rating = rate(exchange, rater, stars)
    event = OutboxEvent.objects.get()
    assert (event.topic, event.event_type, event.user_id) == ("reputation.events", event_type, person.pk)
    assert event.payload == {
        "rating_id": str(rating.pk), "stars": stars, "of": "food" if side == "recipient" else "recipient",
        "exchange_id": str(exchange.pk), "post_id": str(exchange.food_id), "group_id": str(exchange.food.group_id),
        "mode": "community", "giver_id": str(giver.pk), "recipient_id": str(recipient.pk)}


def test_its_event_has_the_ratings_own_id() -> None:
    """So that no rating can count twice, whoever tells of it."""
    exchange = completed(days_ago=15)
    rating = rate(exchange, exchange.recipient, 5)
    assert OutboxEvent.objects.get().event_id == rating.pk


def test_one_that_was_told_before_is_not_told_again() -> None:
    rating = rated(days_ago=15)
    reveal_ratings()
    Rating.objects.filter(pk=rating.pk).update(revealed_at=None)
    assert reveal_ratings() == 1
    assert OutboxEvent.objects.count() == 1


def test_the_job_reveals_what_is_unanswered_for_two_weeks() -> None:
    rated(days_ago=13.9)
    due = [rated(days_ago=14.1), rated(days_ago=40)]
    assert job(timestamp=0) == 2
    assert revealed() == {rating.pk for rating in due}
    assert OutboxEvent.objects.count() == 2


def test_it_tells_of_each_once() -> None:
    rated(days_ago=15)
    assert [reveal_ratings(), reveal_ratings()] == [1, 0]
    assert OutboxEvent.objects.count() == 1


def test_more_than_a_batch_are_all_revealed() -> None:
    for _ in range(5):
        rated(days_ago=15)
    assert reveal_ratings(batch=2) == 5
    assert OutboxEvent.objects.count() == 5


def test_after_two_weeks_a_rating_is_revealed_at_once() -> None:
    exchange = completed(days_ago=15)
    rate(exchange, exchange.recipient, 5)
    assert OutboxEvent.objects.count() == 1
    with pytest.raises(Conflict, match="can see the rating"):
        rate(exchange, exchange.recipient, 1)
    rate(exchange, exchange.food.author, 4)
    assert OutboxEvent.objects.count() == 2


def test_a_rating_given_before_and_one_given_after_two_weeks_are_revealed_together() -> None:
    rating = rated(days_ago=15)
    rate(rating.exchange, rating.exchange.food.author, 4)
    assert len(revealed()) == OutboxEvent.objects.count() == 2
    assert reveal_ratings() == 0


@pytest.mark.parametrize("status", ["disputed", "cancelled"])
def test_in_a_dispute_it_waits_and_of_a_cancelled_exchange_it_is_never_told(status: str) -> None:
    rating = rated(days_ago=15)
    for step in ("disputed", status):
        Exchange.objects.filter(pk=rating.exchange_id).update(status=step)
    assert reveal_ratings() == 0
    assert told() == set()


def test_adopted_ratings_stay_as_they_are() -> None:
    exchange = completed(days_ago=15)
    for stars in (4, 5):
        Rating.objects.create(exchange=exchange, stars=stars)
    assert reveal_ratings() == 0
    rate(exchange, exchange.recipient, 3)
    assert Rating.objects.shown().get().stars == 3


@pytest.mark.usefixtures("as_new")
def test_the_search_reads_no_rating_that_is_revealed() -> None:
    rating = rated(days_ago=13)
    Rating.objects.bulk_create(Rating(exchange=rating.exchange, stars=5, revealed_at=make.later())
                               for _ in range(5000))
    assert buffers(lambda: reveal_batch(500)) < 20
