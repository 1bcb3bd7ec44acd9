"""Ratings: once by each side, changeable for a day, hidden until both have rated or two weeks have passed."""

from datetime import timedelta
from typing import Any

import pytest

from foodshare.models import Exchange, Rating, User
from foodshare.services import ratings
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def exchange() -> Exchange:
    exchange = make.make_exchange()
    for status in ("confirmed", "completed"):
        Exchange.objects.filter(pk=exchange.pk).update(status=status, completed_at=make.later())
    return exchange


def rate(user: User, exchange: Exchange, expected: int = 200, **body: Any) -> Any:
    answer = make.client_for(user).post(f"/api/v1/exchanges/{exchange.pk}/rate", body, format="json")
    assert answer.status_code == expected, answer.json()
    return answer.json()


def shown(user: User, exchange: Exchange) -> tuple[int | None, int | None]:
    """The stars that `user` reads: the own ones, and the other side's."""
    client = make.client_for(user)
    one = client.get(f"/api/v1/exchanges/{exchange.pk}").json()
    (listed,) = client.get("/api/v1/exchanges").json()["results"]
    assert one == listed
    return tuple(one[name] and one[name]["stars"] for name in ("own_rating", "other_rating"))


def test_each_side_rates_the_other_once(exchange: Exchange) -> None:
    rate(exchange.recipient, exchange, stars=5, comment="Lovely")
    answer = rate(exchange.food.author, exchange, stars=4)
    assert (answer["own_rating"]["stars"], answer["other_rating"]["comment"]) == (4, "Lovely")
    assert dict(Rating.objects.values_list("rater_id", "stars")) == {
        exchange.recipient_id: 5, exchange.food.author_id: 4}


def test_the_other_rating_stays_hidden_until_both_have_rated(exchange: Exchange) -> None:
    giver, recipient = exchange.food.author, exchange.recipient
    rate(recipient, exchange, stars=2)
    assert shown(recipient, exchange) == (2, None)
    assert shown(giver, exchange) == (None, None)
    rate(giver, exchange, stars=5)
    assert shown(giver, exchange) == (5, 2)
    assert shown(recipient, exchange) == (2, 5)


@pytest.mark.parametrize(("age", "seen"), [(timedelta(days=13, hours=23), None), (timedelta(days=14, minutes=1), 3)])
def test_the_other_rating_is_shown_two_weeks_after_completion(exchange: Exchange, age: timedelta,
                                                              seen: int | None) -> None:
    rate(exchange.recipient, exchange, stars=3)
    Exchange.objects.filter(pk=exchange.pk).update(completed_at=make.later() - age)
    ratings.reveal_ratings()
    assert shown(exchange.food.author, exchange) == (None, seen)


def test_a_rating_can_be_changed_for_a_day(exchange: Exchange) -> None:
    rate(exchange.recipient, exchange, stars=1, comment="Stale")
    Rating.objects.update(created_at=make.later(hours=-23, minutes=-59))
    changed = rate(exchange.recipient, exchange, stars=4)["own_rating"]
    assert (changed["stars"], changed["comment"]) == (4, "")
    assert changed["updated_at"] is not None
    assert Rating.objects.count() == 1


def test_after_a_day_a_rating_stays(exchange: Exchange) -> None:
    rate(exchange.recipient, exchange, stars=1)
    Rating.objects.update(created_at=make.later(hours=-24, minutes=-1))
    rate(exchange.recipient, exchange, expected=409, stars=4)
    assert Rating.objects.get().stars == 1
    rate(exchange.recipient, exchange, stars=1)  # a retry of the same is harmless


def test_a_rating_stays_once_both_have_rated(exchange: Exchange) -> None:
    rate(exchange.recipient, exchange, stars=5)
    rate(exchange.food.author, exchange, stars=1)
    for user, stars in ((exchange.recipient, 1), (exchange.food.author, 5)):
        assert "see" in rate(user, exchange, expected=409, stars=stars)["errors"][0]["detail"]
    assert dict(Rating.objects.values_list("rater_id", "stars")) == {
        exchange.recipient_id: 5, exchange.food.author_id: 1}
    rate(exchange.recipient, exchange, stars=5)  # a retry of the same is harmless


def test_a_rating_given_after_two_weeks_stays(exchange: Exchange) -> None:
    Exchange.objects.filter(pk=exchange.pk).update(completed_at=make.later(days=-15))
    rate(exchange.recipient, exchange, stars=5)
    rate(exchange.recipient, exchange, expected=409, stars=1)


@pytest.mark.parametrize("status", ["pending", "confirmed", "cancelled", "disputed"])
def test_only_a_completed_exchange_is_rated(status: str) -> None:
    exchange = make.make_exchange()
    for step in ("confirmed", status) if status == "disputed" else (status,):
        Exchange.objects.filter(pk=exchange.pk).update(status=step)
    assert status in rate(exchange.recipient, exchange, expected=409, stars=5)["errors"][0]["detail"]
    assert Rating.objects.count() == 0


@pytest.mark.parametrize("stars", [0, 6, -1, 4.5, "many", None, True, 10**20, [5]])
def test_stars_are_a_whole_number_from_one_to_five(exchange: Exchange, stars: Any) -> None:
    assert rate(exchange.recipient, exchange, expected=400, stars=stars)["errors"][0]["attr"] in ("stars", None)
    assert Rating.objects.count() == 0
