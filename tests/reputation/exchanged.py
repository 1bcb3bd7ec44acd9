"""Completed exchanges with revealed ratings from both sides."""

from typing import Any

from foodshare.models import Exchange, FoodPost, User
from groups.models import CommunityGroup
from tests.factories import later, make_group, make_rating, make_user


def trade(one: User, other: User, times: int, group: CommunityGroup | None = None, **rating: Any) -> list[Exchange]:
    """`other` got food from `one` so many times, and each rated the other."""
    group = group or make_group()
    done = []
    for _ in range(times):
        post = FoodPost.objects.create(author=one, group=group, title="Bread", pickup_time=later(), status="completed")
        done.append(Exchange.objects.create(food=post, recipient=other, status="completed", completed_at=later()))
        for rater in (one, other):
            make_rating(done[-1], rater, **rating)
    return done


def plant_ring(size: int = 3, times: int = 3) -> list[User]:
    """People who trade among themselves only, so many times each pair."""
    people = [make_user() for _ in range(size)]
    for index, one in enumerate(people):
        for other in people[index + 1:]:
            trade(one, other, times)
    return sorted(people, key=lambda person: person.pk)
