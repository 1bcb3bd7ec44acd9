"""Handover notes are for the author and whoever holds the post."""

from typing import Any

import pytest

from foodshare.models import Exchange, User
from tests import factories as make

pytestmark = pytest.mark.django_db
NOTES = "Third floor, ring twice"


@pytest.fixture
def exchange() -> Exchange:
    group = make.make_group()
    return make.make_exchange(make.make_post(make.make_member(group), group, handover_notes=NOTES))


def on_post(user: User, exchange: Exchange) -> list[Any]:
    """The notes that `user` reads at the post, and in the list."""
    client = make.client_for(user)
    listed = client.get("/api/v1/food-posts", {"status": exchange.food.status}).json()["results"]
    shown = client.get(f"/api/v1/food-posts/{exchange.food_id}").json()
    return [shown["handover_notes"], *(result["handover_notes"] for result in listed)]


def on_exchange(user: User, exchange: Exchange) -> Any:
    return make.client_for(user).get(f"/api/v1/exchanges/{exchange.pk}").json()["handover_notes"]


def set_status(exchange: Exchange, *statuses: str) -> None:
    for status in statuses:
        Exchange.objects.filter(pk=exchange.pk).update(status=status)


@pytest.mark.parametrize("statuses", [(), ("confirmed",), ("confirmed", "completed"), ("confirmed", "disputed")])
def test_author_and_recipient_read_them(exchange: Exchange, statuses: tuple[str, ...]) -> None:
    set_status(exchange, *statuses)
    for user in (exchange.food.author, exchange.recipient):
        assert on_post(user, exchange) == [NOTES, NOTES]
        assert on_exchange(user, exchange) == NOTES


def test_other_members_do_not(exchange: Exchange) -> None:
    assert exchange.food.group is not None
    assert on_post(make.make_member(exchange.food.group), exchange) == [None, None]


def test_who_cancelled_no_longer_does(exchange: Exchange) -> None:
    set_status(exchange, "cancelled")
    assert on_post(exchange.recipient, exchange) == [None, None]
    assert on_exchange(exchange.recipient, exchange) is None
    assert on_post(exchange.food.author, exchange) == [NOTES, NOTES]


def test_a_claim_shows_them_at_once() -> None:
    group = make.make_group()
    post = make.make_post(make.make_member(group), group, handover_notes=NOTES)
    client = make.client_for(make.make_member(group))
    assert client.get(f"/api/v1/food-posts/{post.pk}").json()["handover_notes"] is None
    assert client.post(f"/api/v1/food-posts/{post.pk}/claim").json()["handover_notes"] == NOTES
