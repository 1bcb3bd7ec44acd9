"""Random and edge-case data for the two definitions of the summary."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from foodshare.models import Exchange, FoodPost, Rating, User
from groups.models import CommunityGroup
from tests.factories import later

Row = TypeVar("Row", User, CommunityGroup, FoodPost, Exchange, Rating)


@dataclass(frozen=True)
class Sizes:
    """How many rows of each kind there are; `members` of the `users` share in community mode."""

    users: int = 6
    members: int = 3
    groups: int = 4
    posts: int = 25
    exchanges: int = 40
    ratings: int = 60


def fill(sizes: Sizes, seed: int, database: str = "owner") -> None:
    """Write random rows: some older than 30 days, some posts in no group, several exchanges and ratings of one."""
    rng = random.Random(seed)
    users = store(database, [User(name=f"Person {n}", sharing_mode="community" if n < sizes.members else "neighborhood")
                             for n in range(sizes.users)])
    groups = store(database, [CommunityGroup(name=f"Group {n}", group_type=rng.choice(["community", "neighborhood"]))
                              for n in range(sizes.groups)])
    if not users:
        return
    posts = store(database, [FoodPost(title="Bread", author=rng.choice(users), group=rng.choice([None, *groups]),
                                      pickup_time=later(hours=1)) for _ in range(sizes.posts)], rng)
    exchanges = store(database, [Exchange(food=rng.choice(posts), recipient=rng.choice(users),
                                          status=rng.choice(["completed", "completed", "disputed", "cancelled"]))
                                 for _ in range(sizes.exchanges if posts else 0)], rng)
    store(database, [Rating(exchange=rng.choice(exchanges), stars=rng.randint(1, 5))
                     for _ in range(sizes.ratings if exchanges else 0)], rng)


def store(database: str, rows: list[Row], rng: random.Random | None = None) -> Sequence[Row]:
    """Write the rows, with `rng` at random times of which about a quarter are over 30 days ago."""
    if rng:
        for row in rows:
            row.created_at = later(days=-rng.uniform(0, 40))
    return type(rows[0])._default_manager.using(database).bulk_create(rows) if rows else []
