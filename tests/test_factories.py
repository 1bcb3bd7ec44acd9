"""The tests' own people and things are such as the platform makes."""

import pytest

from tests import factories as make

pytestmark = pytest.mark.django_db


def test_a_post_by_a_member_belongs_to_the_group() -> None:
    post = make.make_post()
    assert post.group is not None
    assert post.group.memberships.filter(user=post.author, state="active").exists()
    assert (post.sharing_mode, post.building) == ("community", None)


def test_a_post_by_a_neighbor_belongs_to_the_building() -> None:
    author = make.make_neighbor()
    post = make.make_post(author)
    assert (post.sharing_mode, post.building, post.group) == ("neighborhood", author.building, None)


def test_an_exchange_claims_its_post() -> None:
    exchange = make.make_exchange()
    assert exchange.food.status == "claimed"
    assert exchange.recipient != exchange.food.author
