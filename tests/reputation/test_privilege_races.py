"""Of people of different levels who race for a fresh post exactly one wins, and nobody too early."""

from functools import partial

import pytest

from foodshare.models import Exchange, FoodPost
from foodshare.services.exchanges import claim
from reputation.models import UserGlobalReputation
from tests.factories import later, make_group, make_member, make_post
from tests.races import race

pytestmark = pytest.mark.django_db(transaction=True)
LEVELS = ("exemplary", "trusted", "trusted", "established", "developing", "concerning")
ROUNDS = 4


@pytest.mark.parametrize(("minutes_old", "open_to"), [
    (0, {"exemplary"}), (3, {"exemplary", "trusted"}), (6, {"exemplary", "trusted", "established", "developing"}),
    (31, set(LEVELS)),
])
def test_one_of_those_to_whom_it_is_open_wins(minutes_old: float, open_to: set[str]) -> None:
    group = make_group(claim_minutes_trusted=2, claim_minutes_others=5, claim_minutes_concerning=30)
    author, people = make_member(group), [make_member(group) for _ in LEVELS]
    for person, level in zip(people, LEVELS, strict=True):
        UserGlobalReputation.objects.filter(user=person).update(trust_level=level)
    for _ in range(ROUNDS):
        post = make_post(author, group, created_at=later(minutes=-minutes_old))
        won = race([partial(claim, post, person) for person in people])
        (winner,) = (level for level, has_won in zip(LEVELS, won, strict=True) if has_won)
        assert winner in open_to
        assert Exchange.objects.filter(food=post).count() == 1


def test_before_it_opens_to_any_of_them_nobody_wins() -> None:
    group = make_group(claim_minutes_others=5, claim_minutes_concerning=5)
    post = make_post(make_member(group), group)
    assert race([partial(claim, post, make_member(group)) for _ in range(6)]) == [False] * 6
    assert FoodPost.objects.get().status == "available"
