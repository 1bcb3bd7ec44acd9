"""Whom and what the reads are done for: drawn from the data, always with the busiest and the emptiest among them."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from django.db.models import Count

from foodshare.models import FoodPost, Neighborhood, PostStatus, User, VerificationLevel
from groups.models import CommunityGroup, GroupType, Membership, MemberState
from reputation.models import UserGlobalReputation

T = TypeVar("T")
SIZE = 20  # of each kind; the plans of all of them are looked at


@dataclass(frozen=True)
class Sample:
    """`members` are people with a community group of theirs, `neighbors` verified ones."""

    posts: int
    groups: list[UUID]
    members: list[tuple[User, UUID]]
    neighbors: list[User]
    people: list[UUID]
    words: list[str]

    @property
    def few(self) -> list[User]:
        """Some of both, for reads in many variants; the busiest's and the emptiest's are the first of each."""
        return [*(user for user, _ in self.members[:4]), *self.neighbors[:4]]


def take(seed: int = 1) -> Sample:
    """A sample of what is in the database, the same for the same `seed` and data."""
    rng = random.Random(seed)  # noqa: S311 - a sample, not a secret
    groups = spread(rng, by_posts("group", CommunityGroup.objects.filter(group_type=GroupType.COMMUNITY)))
    neighborhoods = spread(rng, by_posts("neighborhood", Neighborhood.objects.all()))
    return Sample(
        posts=FoodPost.objects.count(),
        groups=groups,
        members=[(user, group) for group in groups if (user := member_of(group))],
        neighbors=[user for neighborhood in neighborhoods if (user := neighbor_in(neighborhood))],
        people=people(rng),
        words=titles(),
    )


def by_posts(place: str, rows: "Iterable[CommunityGroup] | Iterable[Neighborhood]") -> list[UUID]:
    """The ids of `rows`, the one with the most open posts first, the one with the fewest posts last."""
    total = dict(FoodPost.objects.values_list(place).annotate(n=Count("pk")))
    available = FoodPost.objects.filter(status=PostStatus.AVAILABLE)
    open_posts = dict(available.values_list(place).annotate(n=Count("pk")))
    return sorted((row.pk for row in rows), key=lambda id: (-open_posts.get(id, 0), -total.get(id, 0), id))


def spread(rng: random.Random, ranked: Sequence[T]) -> list[T]:
    """The first, the last, and some in between."""
    if len(ranked) <= SIZE:
        return list(ranked)
    return [ranked[0], ranked[-1], *rng.sample(ranked[1:-1], SIZE - 2)]


def member_of(group: UUID) -> User | None:
    """The active member of the group who is in the most groups."""
    members = Membership.objects.filter(group=group, state=MemberState.ACTIVE, user__is_active=True,
                                        user__sharing_mode=GroupType.COMMUNITY).select_related("user")
    found = members.annotate(n=Count("user__memberships")).order_by("-n", "user_id").first()
    return found.user if found else None


def neighbor_in(neighborhood: UUID) -> User | None:
    neighbors = User.objects.filter(building__neighborhood=neighborhood, sharing_mode=GroupType.NEIGHBORHOOD,
                                    verification_level=VerificationLevel.FULL, is_active=True)
    return neighbors.order_by("pk").first()


def people(rng: random.Random) -> list[UUID]:
    """Who shared the most, and some others, of those whom one may look at."""
    rows = UserGlobalReputation.objects.filter(user__is_active=True)
    busiest = rows.order_by("-total_food_shared").values_list("pk", flat=True)[:1]
    starts = [UUID(int=rng.getrandbits(128)) for _ in range(SIZE - 1)]
    others = (rows.filter(pk__gte=start).order_by("pk").values_list("pk", flat=True).first() for start in starts)
    return [*busiest, *(id for id in others if id)]


def titles() -> list[str]:
    """Words to search for: one of many posts, and one of none."""
    title = FoodPost.objects.order_by("-created_at", "-pk").values_list("title", flat=True).first()
    return [title.split()[0], "zzz unheard of"] if title else []
