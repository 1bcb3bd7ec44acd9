"""Reads of groups: what the API answers from, and what performance_test times."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.utils import timezone

from foodshare.models import ExchangeStatus, Rating, Relationship, User
from foodshare.queries import blocked_ids
from foodshare.ratings import TALLY, shown_average
from groups.models import CommunityGroup, GroupActivitySummary, Membership, MemberState, Participant

SUMMARIZED = timedelta(days=30)  # what document A's view looks back on


def groups_for(user: User) -> QuerySet[CommunityGroup]:
    """All groups, each with the reader's own membership, if any, in `own_memberships`."""
    own = Membership.objects.filter(user=user)
    return CommunityGroup.objects.prefetch_related(Prefetch("memberships", queryset=own, to_attr="own_memberships"))


def members(group: CommunityGroup) -> QuerySet[Membership]:
    """The group's members in any state, each with the person's name and picture."""
    return group.memberships.select_related("user").only(
        "group_id", "role", "state", "created_at", "user__name", "user__image")


def is_member(group: CommunityGroup, user: User) -> bool:
    """Whether `user` is an active member of the group."""
    return group.memberships.filter(user=user, state=MemberState.ACTIVE).exists()


def summary_of(group_id: UUID) -> GroupActivitySummary | None:
    """The group's row of the view; None for a group founded after the last refresh."""
    return GroupActivitySummary.objects.filter(pk=group_id).first()


def summary_or_zeros(group: CommunityGroup) -> Any:
    """The group's summary, with the group at hand, the `shown_average` of its ratings and `refreshed`.

    That is whether the last refresh knew the group.
    """
    found = summary_of(group.pk)
    summary: Any = found or GroupActivitySummary(group_name=group.name, group_type=group.group_type, active_members=0,
                                                 food_posts_30d=0, successful_exchanges_30d=0)
    summary.group, summary.refreshed = group, found is not None
    summary.shown_average = average_of(group.pk, found._state.db) if found else None
    return summary


def discover() -> QuerySet[GroupActivitySummary]:
    """Every group's summary, from a standby, with the group itself; keyset pages order it."""
    return GroupActivitySummary.objects.select_related("group").only(
        *(field.name for field in GroupActivitySummary._meta.fields), "group__city", "group__member_count")


def average_of(group_id: UUID, server: str | None) -> Decimal | None:
    """The average of the shown ratings among those that the view counts, from the server of its row.

    The view's own avg_rating rests on hidden ratings too, and on however few: it would tell who gave which stars.
    """
    since = timezone.now() - SUMMARIZED
    counted: dict[str, Any] = {"exchange__food__group": group_id, "exchange__food__created_at__gt": since,
                               "exchange__created_at__gt": since, "created_at__gt": since,
                               "exchange__status": ExchangeStatus.COMPLETED}
    return shown_average(**Rating.objects.using(server).shown().filter(**counted).aggregate(**TALLY))


def acquaintances(user: User, user_ids: Sequence[UUID]) -> list[UUID]:
    """Those of the people who are friends or share a conversation with the person, and no block stands between."""
    friends = Relationship.objects.accepted_friends_of(user).filter(to_user=OuterRef("pk"))
    talks = Participant.objects.filter(user=OuterRef("pk"), conversation__participants__user=user)
    people = User.objects.filter(Exists(friends) | Exists(talks), pk__in=user_ids).exclude(pk__in=blocked_ids(user))
    known = set(people.exclude(pk=user.pk).values_list("pk", flat=True))
    return [user_id for user_id in user_ids if user_id in known]
