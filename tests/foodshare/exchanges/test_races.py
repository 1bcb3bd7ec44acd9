"""Whatever races on a post, its status and its exchanges end up agreeing, and nobody meets a deadlock."""

from collections.abc import Callable
from functools import partial
from random import Random

import pytest

from foodshare.models import Exchange, FoodPost
from foodshare.services import exchanges, posts
from tests import factories as make
from tests.races import race

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS, RACERS = 20, 8
HOLDING_STATUS = {"pending": "claimed", "confirmed": "claimed", "completed": "completed"}


def assert_consistent(post: FoodPost) -> None:
    """A post is held by at most one exchange, and its status says by what kind."""
    status = FoodPost.objects.get(pk=post.pk).status
    holding = list(Exchange.objects.holding().filter(food=post).values_list("status", flat=True))
    assert len(holding) <= 1
    if holding:
        assert status == HOLDING_STATUS[holding[0]]
    else:
        assert status in ("available", "withdrawn")


def test_one_of_many_claims_wins() -> None:
    group = make.make_group()
    author, people = make.make_member(group), [make.make_member(group) for _ in range(RACERS)]
    for _ in range(ROUNDS):
        post = make.make_post(author, group)
        assert sum(race([partial(exchanges.claim, post, who) for who in people])) == 1
        assert_consistent(post)


def test_a_claim_and_a_withdrawal_never_both_succeed() -> None:
    group = make.make_group()
    author, claimer = make.make_member(group), make.make_member(group)
    for _ in range(ROUNDS):
        post = make.make_post(author, group)
        assert sum(race([partial(exchanges.claim, post, claimer), partial(posts.withdraw, post, author)])) == 1
        assert_consistent(post)


def test_claims_cancellations_confirmations_and_withdrawals_leave_a_consistent_post() -> None:
    group, dice = make.make_group(), Random(7)
    author, people = make.make_member(group), [make.make_member(group) for _ in range(4)]
    for _ in range(ROUNDS):
        post = make.make_post(author, group)
        exchange = exchanges.claim(post, people[0])
        actions: list[Callable[[], object]] = [
            *(partial(exchanges.claim, post, person) for person in people[1:]),
            partial(exchanges.cancel, exchange, people[0]),
            partial(exchanges.confirm, exchange, author),
            partial(exchanges.complete, exchange, people[0]),
            partial(posts.withdraw, post, author),
            posts.expire_posts,
        ]
        dice.shuffle(actions)
        race(actions)
        assert_consistent(post)


@pytest.mark.slow
def test_both_sides_cancelling_at_once_cancel_once() -> None:
    for _ in range(ROUNDS):
        exchange = make.make_exchange()
        sides = (exchange.food.author, exchange.recipient)
        assert sum(race([partial(exchanges.cancel, exchange, who) for who in sides])) == 1
        assert_consistent(exchange.food)
