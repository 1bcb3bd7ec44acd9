"""Whatever two people do to each other at once, what stands in the end agrees, and nobody meets a deadlock."""

from collections.abc import Callable
from functools import partial
from random import Random

import pytest

from foodshare.exceptions import FoodShareError
from foodshare.models import Relationship, User
from foodshare.services import relationships
from tests import factories as make
from tests.races import race

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 8


def edges(one: User, other: User) -> set[tuple[bool, str, str]]:
    """What the two are to each other: whether it goes from `one` to `other`, its type and its status."""
    rows = relationships.between(one.pk, other.pk).values_list("from_user_id", "type", "status")
    return {(giver == one.pk, kind, status) for giver, kind, status in rows}


FRIENDS = {(True, "FRIEND", "ACCEPTED"), (False, "FRIEND", "ACCEPTED")}


def test_requests_that_cross_become_a_friendship() -> None:
    for _ in range(ROUNDS):
        one, other = make.make_user(), make.make_user()
        race([partial(relationships.relate, one, other.pk, "FRIEND"),
              partial(relationships.relate, other, one.pk, "FRIEND")] * 2, FoodShareError)
        assert edges(one, other) == FRIENDS


def test_no_friendship_outlives_a_block() -> None:
    for _ in range(ROUNDS):
        one, other = make.make_user(), make.make_user()
        request, _ = relationships.relate(one, other.pk, "FRIEND")
        race([partial(relationships.accept, other, request.pk), partial(relationships.relate, one, other.pk, "BLOCK"),
              partial(relationships.relate, other, one.pk, "FRIEND"),
              partial(relationships.relate, other, one.pk, "FOLLOW")], FoodShareError)
        assert edges(one, other) == {(True, "BLOCK", "ACCEPTED")}


def test_whatever_two_do_a_friendship_is_whole_or_not_there() -> None:
    dice = Random(11)
    one, other = make.make_user(), make.make_user()
    for _ in range(2 * ROUNDS):
        keys = list(relationships.between(one.pk, other.pk).values_list("pk", flat=True))
        actions: list[Callable[[], object]] = [
            *(partial(relationships.relate, *pair, kind) for pair in ((one, other.pk), (other, one.pk))
              for kind in ("FRIEND", "FOLLOW")),
            *(partial(relationships.end, dice.choice((one, other)), key) for key in keys),
            *(partial(relationships.accept, dice.choice((one, other)), key) for key in keys[:2]),
            *(partial(relationships.decline, dice.choice((one, other)), key) for key in keys[:2]),
        ]
        if dice.random() < 0.3:
            actions.append(partial(relationships.relate, dice.choice((one, other)), other.pk, "BLOCK"))
        dice.shuffle(actions)
        race(actions[:8], FoodShareError)
        assert_consistent(edges(one, other))
    assert Relationship.objects.count() <= 6


def assert_consistent(found: set[tuple[bool, str, str]]) -> None:
    accepted = {edge for edge in found if edge[1:] == ("FRIEND", "ACCEPTED")}
    waiting = {edge for edge in found if edge[2] == "PENDING"}
    assert accepted in (set(), FRIENDS)
    assert not (accepted and waiting)
    assert len(waiting) <= 1
    if any(edge[1] == "BLOCK" for edge in found):
        assert {edge[1] for edge in found} == {"BLOCK"}
