"""Who stands where by score, over all and in each group.

A person's rank is the number of people with a higher score, and counting those would mean to go through them. So a job
counts the people of every score every few minutes; a rank is then one look at the nearest score, and the first of a
ranking are few rows, however many people it has.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import connections, transaction
from django.db.models import OuterRef, Subquery

from foodshare.db.locks import in_turn
from foodshare.db.operations import sql
from foodshare.models import User
from groups.models import Membership, MemberState
from reputation.models import ReputationLeader, ReputationPrivacy, ReputationRank, ReputationRanking

OVERALL = UUID(int=0)  # the scope that is no group
SHOWN = 50
KEPT = 2 * SHOWN  # some of the first hide their score, or leave before the next count


@dataclass(frozen=True)
class Place:
    """A place in a ranking: of how many people, as of when. No rank and no time where nobody was counted yet."""

    rank: int | None = None
    people: int = 0
    as_of: datetime | None = None


def refill() -> None:
    """Rank everybody anew. Readers see the former ranks until the new ones are complete."""
    connection = connections["default"]
    with in_turn(connection, "reputation.ranks"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql("reputation", "queries/refill_ranks"), {"overall": OVERALL, "most": KEPT})


def leaders(scope: UUID, *, hidden_too: bool) -> list[ReputationLeader]:
    """The first of a ranking who still belong to it; of those who hide their score none, unless `hidden_too`.

    What is asked of them is asked apart, by their keys: joined, all people might be gone through for a hundred.
    """
    found = list(ReputationLeader.objects.filter(scope=scope).order_by("place"))
    ids = [leader.user_id for leader in found]
    people = User.objects.filter(is_active=True).in_bulk(ids)
    hidden = set() if hidden_too else hidden_among(ids)
    members = people.keys() if scope == OVERALL else members_among(scope, ids)
    belong = (people.keys() & members) - hidden
    shown = [leader for leader in found if leader.user_id in belong][:SHOWN]
    for leader in shown:
        leader.user = people[leader.user_id]
    return shown


def hidden_among(people: list[UUID]) -> set[UUID]:
    """Who of some people hides their score."""
    return set(ReputationPrivacy.objects.filter(user__in=people, show_score=False).values_list("user_id", flat=True))


def members_among(group_id: UUID, people: list[UUID]) -> set[UUID]:
    """Who of some people is in the group."""
    memberships = Membership.objects.filter(group=group_id, user__in=people, state=MemberState.ACTIVE)
    return set(memberships.values_list("user_id", flat=True))


def standing(scope: UUID, score: Decimal | None) -> Place:
    """Where a score stands: behind those above the nearest score that is not higher, or last where there is none.

    A score that fell since the count may follow itself; it is never behind the last place.
    """
    nearest = ReputationRank.objects.filter(scope=OuterRef("scope"), score__lte=score or 0).order_by("-score")
    counted = ReputationRanking.objects.annotate(above=Subquery(nearest.values("above")[:1]))
    found = counted.filter(scope=scope).first()
    if found is None:
        return Place()
    above = found.people if found.above is None else found.above
    return Place(None if score is None else min(above + 1, found.people), found.people, found.as_of)
