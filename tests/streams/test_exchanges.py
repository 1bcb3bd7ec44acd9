"""What a post and an exchange do to the reputation of both sides, and what takes it back."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from foodshare.exceptions import Conflict, Invalid
from foodshare.models import Exchange, FoodPost, OutboxEvent, Rating, User
from foodshare.services import exchanges, posts, ratings
from reputation.models import UserGlobalReputation
from tests.factories import later, make_exchange, make_group, make_member, make_moderator, make_post
from tests.streams.tools import deliver, kinds, score, tell

pytestmark = pytest.mark.django_db
START, COMPLETED, PICKED_UP = Decimal(75), Decimal("76.50"), Decimal("77.50")


@pytest.fixture
def shared() -> FoodPost:
    """A post whose sharing is told of."""
    group = make_group()
    return posts.share(make_member(group), group_id=group.pk, title="Bread", pickup_time=later(hours=2))


@pytest.fixture
def exchange() -> Exchange:
    group = make_group()
    return make_exchange(make_post(make_member(group), group), status="confirmed", giver_confirmed_at=later())


def sides(exchange: Exchange) -> tuple[User, User]:
    return exchange.food.author, exchange.recipient


def row(user: User) -> UserGlobalReputation:
    return UserGlobalReputation.objects.get(pk=user.pk)


def test_completing_counts_for_both_and_the_pickup_for_the_recipient(server: Any, exchange: Exchange) -> None:
    giver, recipient = sides(exchange)
    exchanges.complete(exchange, recipient)
    deliver(server)
    assert (score(giver), score(recipient)) == (COMPLETED, PICKED_UP)
    assert (row(giver).total_exchanges_completed, row(giver).total_food_claimed) == (1, 0)
    assert (row(recipient).total_exchanges_completed, row(recipient).total_food_claimed) == (1, 1)


def test_a_pickup_long_after_its_time_is_not_called_reliable(server: Any, exchange: Exchange) -> None:
    giver, recipient = sides(exchange)
    exchange.food.pickup_time = later(hours=-25)
    exchange.food.save(update_fields=["pickup_time"])
    exchanges.complete(exchange, giver)
    deliver(server)
    assert kinds(recipient) == ["exchange_completed"]


def test_who_cancels_bears_it_alone(server: Any, exchange: Exchange) -> None:
    giver, recipient = sides(exchange)
    exchanges.cancel(exchange, recipient)
    deliver(server)
    assert (score(giver), score(recipient)) == (START, Decimal(74))


def test_ratings_count_when_both_have_rated(server: Any, exchange: Exchange) -> None:
    giver, recipient = sides(exchange)
    exchanges.complete(exchange, giver)
    ratings.rate(exchange, recipient, 5)
    deliver(server)
    assert (score(giver), row(giver).avg_food_rating) == (COMPLETED, Decimal(0))
    ratings.rate(exchange, giver, 4)
    deliver(server)
    assert (score(giver), row(giver).avg_food_rating) == (Decimal("79.50"), Decimal(5))
    assert (score(recipient), row(recipient).avg_recipient_rating) == (PICKED_UP, Decimal(4))


def test_a_completion_that_a_moderator_takes_back_counts_no_more(server: Any, exchange: Exchange) -> None:
    giver, recipient = sides(exchange)
    exchanges.complete(exchange, giver)
    exchanges.dispute(exchange, giver, "Nobody came")
    deliver(server)
    exchanges.resolve(exchange, make_moderator(), "cancelled", "It was not handed over", no_show=True)
    deliver(server)
    assert (score(giver), score(recipient)) == (START, Decimal(72))
    assert (row(giver).total_exchanges_completed, row(giver).resolved_disputes) == (0, 1)
    assert row(recipient).total_food_claimed == 0
    assert kinds(recipient)[-1] == "no_show_pickup"


@pytest.fixture
def rated(exchange: Exchange) -> Exchange:
    """An exchange that both sides have rated, disputed since."""
    giver, recipient = sides(exchange)
    exchanges.complete(exchange, giver)
    ratings.rate(exchange, recipient, 5)
    ratings.rate(exchange, giver, 4)
    exchanges.dispute(exchange, giver, "Nobody came")
    return exchange


@pytest.mark.parametrize("is_applied", [True, False])
def test_cancelled_by_a_moderator_it_keeps_no_points_of_its_ratings(server: Any, rated: Exchange,
                                                                    is_applied: bool) -> None:
    giver, recipient = sides(rated)
    if is_applied:
        deliver(server)
        assert (score(giver), row(giver).avg_food_rating) == (Decimal("79.50"), Decimal(5))
    exchanges.resolve(rated, make_moderator(), "cancelled", "It was not handed over")
    deliver(server)
    assert (score(giver), score(recipient)) == (START, START)
    assert (row(giver).avg_food_rating, row(recipient).avg_recipient_rating) == (Decimal(0), Decimal(0))


def test_ratings_of_a_cancelled_exchange_are_hidden_and_stay_so(rated: Exchange) -> None:
    exchanges.resolve(rated, make_moderator(), "cancelled", "It was not handed over")
    Exchange.objects.filter(pk=rated.pk).update(completed_at=later(days=-15))
    assert ratings.reveal_ratings() == 0
    with pytest.raises(Conflict, match="cancelled"):
        ratings.rate(rated, rated.recipient, 5)
    assert Rating.objects.filter(revealed_at=None).count() == 2


def test_a_hidden_rating_of_a_cancelled_exchange_takes_nothing_back(exchange: Exchange) -> None:
    giver, recipient = sides(exchange)
    exchanges.complete(exchange, giver)
    ratings.rate(exchange, recipient, 5)
    exchanges.dispute(exchange, giver, "Nobody came")
    exchanges.resolve(exchange, make_moderator(), "cancelled", "It was not handed over")
    assert not OutboxEvent.objects.filter(payload__has_key="reverses").exists()


def test_confirmed_by_a_moderator_it_keeps_its_ratings(server: Any, rated: Exchange) -> None:
    giver, _ = sides(rated)
    exchanges.resolve(rated, make_moderator(), "confirmed", "Go on")
    deliver(server)
    assert (score(giver), row(giver).avg_food_rating) == (Decimal(78), Decimal(5))
    assert Rating.objects.exclude(revealed_at=None).count() == 2


def test_ratings_of_before_the_ledger_are_taken_back_without_harm(server: Any, rated: Exchange) -> None:
    OutboxEvent.objects.all().delete()
    exchanges.resolve(rated, make_moderator(), "cancelled", "It was not handed over")
    deliver(server)
    assert score(rated.food.author) == START
    assert not OutboxEvent.objects.exists()


@pytest.mark.parametrize("is_applied", [True, False])
def test_withdrawing_takes_the_points_of_sharing_back(server: Any, shared: FoodPost, is_applied: bool) -> None:
    if is_applied:
        deliver(server)
        assert (score(shared.author), row(shared.author).total_food_shared) == (Decimal(77), 1)
    posts.withdraw(shared, shared.author)
    deliver(server)
    assert (score(shared.author), row(shared.author).total_food_shared) == (START, 0)
    assert kinds(shared.author) == ["food_shared", "reversal"]


def test_withdrawn_by_a_moderator_it_counts_no_more(server: Any, shared: FoodPost) -> None:
    posts.withdraw(shared, make_moderator())
    deliver(server)
    assert score(shared.author) == START


def test_a_post_of_before_the_ledger_is_withdrawn_without_harm(server: Any) -> None:
    post = make_post()
    posts.withdraw(post, post.author)
    deliver(server)
    assert (score(post.author), kinds(post.author)) == (START, ["reversal"])
    assert not OutboxEvent.objects.exists()


def test_a_reversal_that_names_an_unknown_event_alone_is_set_aside(server: Any) -> None:
    event = tell(make_post().author, "reversal", reverses=str(uuid4()))
    deliver(server)
    event.refresh_from_db()
    assert "not in this person's ledger" in event.error


def test_a_completion_of_before_the_ledger_is_taken_back_without_harm(server: Any, exchange: Exchange) -> None:
    giver, _ = sides(exchange)
    exchange.completed_at = later(days=-30)
    exchange.status = "completed"
    Exchange.objects.filter(pk=exchange.pk).update(status="completed", completed_at=later(days=-30))
    exchanges.dispute(exchange, giver, "Nobody came")
    exchanges.resolve(exchange, make_moderator(), "cancelled", "It was not handed over")
    deliver(server)
    assert score(giver) == START
    assert not OutboxEvent.objects.exclude(error="").exists()


def test_completed_again_by_a_moderator_it_counts_once(server: Any, exchange: Exchange) -> None:
    giver, recipient = sides(exchange)
    exchanges.complete(exchange, giver)
    exchanges.dispute(exchange, recipient, "Something was missing")
    exchanges.resolve(exchange, make_moderator(), "completed", "All was there")
    deliver(server)
    assert (score(giver), score(recipient)) == (COMPLETED, PICKED_UP)


def test_confirmed_and_completed_once_more_it_counts_once(server: Any, exchange: Exchange) -> None:
    giver, recipient = sides(exchange)
    exchanges.complete(exchange, giver)
    exchanges.dispute(exchange, recipient, "Not yet")
    held = exchanges.resolve(exchange, make_moderator(), "confirmed", "Go on")
    exchanges.complete(held, recipient)
    deliver(server)
    assert (score(giver), score(recipient)) == (COMPLETED, PICKED_UP)


def test_who_did_not_come_can_only_be_said_of_a_cancelled_one(server: Any, exchange: Exchange) -> None:
    giver, _ = sides(exchange)
    exchanges.dispute(exchange, giver, "Nobody came")
    with pytest.raises(Invalid, match="cancelled"):
        exchanges.resolve(exchange, make_moderator(), "completed", "It was", no_show=True)
