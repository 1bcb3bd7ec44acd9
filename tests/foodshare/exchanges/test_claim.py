"""Who may claim what."""

import pytest

from foodshare.exceptions import Conflict
from foodshare.models import Exchange, FoodPost
from foodshare.services import exchanges
from tests import factories as make

pytestmark = pytest.mark.django_db


def claim_url(post: FoodPost) -> str:
    return f"/api/v1/food-posts/{post.pk}/claim"


def test_ones_own_post_cannot_be_claimed() -> None:
    post = make.make_post()
    assert make.client_for(post.author).post(claim_url(post)).status_code == 403
    assert Exchange.objects.count() == 0


@pytest.mark.parametrize("status", ["claimed", "completed", "withdrawn", "expired"])
def test_a_post_that_is_not_available_is_refused_by_its_status(status: str) -> None:
    post = make.make_post(status=status)
    assert post.group is not None
    answer = make.client_for(make.make_member(post.group)).post(claim_url(post))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "conflict")
    assert status in answer.json()["errors"][0]["detail"]


def test_after_its_pickup_time_a_post_cannot_be_claimed() -> None:
    post = make.make_post(pickup_time=make.later(seconds=-1))
    assert post.group is not None
    answer = make.client_for(make.make_member(post.group)).post(claim_url(post))
    assert answer.status_code == 409
    assert "pickup time" in answer.json()["errors"][0]["detail"]


def test_neighbors_claim_from_each_other() -> None:
    post = make.make_post(make.make_neighbor())
    recipient = make.make_neighbor(make.make_building(neighborhood=post.neighborhood))
    assert make.client_for(recipient).post(claim_url(post)).status_code == 201


def test_a_post_that_another_program_left_available_though_held_has_still_one_holder() -> None:
    exchange = make.make_exchange()
    FoodPost.objects.filter(pk=exchange.food_id).update(status="available")
    assert exchange.food.group is not None
    late = make.make_member(exchange.food.group)
    assert make.client_for(late).post(claim_url(exchange.food)).status_code == 409
    with pytest.raises(Conflict):
        exchanges.claim(exchange.food, late)
    assert list(Exchange.objects.values_list("recipient_id", flat=True)) == [exchange.recipient_id]


def test_a_claim_is_one_conditional_update() -> None:
    """With a join or a subquery on the table itself, its conditions would not be checked again after a wait."""
    for user in (make.make_user(), make.make_neighbor()):
        query = FoodPost.objects.visible_to(user).open_now().query
        statement = str(query)
        assert "food_posts" not in statement.split("WHERE", 1)[1].replace('"food_posts"."', "")
        assert " JOIN " not in statement.split("WHERE", 1)[0]
        assert "'available'" in statement
