"""Reads of groups: what the API answers from, and what performance_test times."""

from uuid import UUID

from django.db.models import Prefetch, QuerySet

from foodshare.models import User
from groups.models import CommunityGroup, GroupActivitySummary, Membership, MemberState


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
    """The group's row of the view, from a standby; None for a group founded after the last refresh."""
    return GroupActivitySummary.objects.filter(pk=group_id).first()


def summary_or_zeros(group: CommunityGroup) -> GroupActivitySummary:
    """The group's summary, with the group at hand and `refreshed`: whether the last refresh knew the group."""
    found = summary_of(group.pk)
    summary = found or GroupActivitySummary(group_name=group.name, group_type=group.group_type, active_members=0,
                                            food_posts_30d=0, successful_exchanges_30d=0)
    summary.group, summary.refreshed = group, found is not None  # type: ignore[attr-defined]
    return summary


def discover() -> QuerySet[GroupActivitySummary]:
    """Every group's summary, from a standby, with the group itself; keyset pages order it."""
    return GroupActivitySummary.objects.select_related("group").only(
        *(field.name for field in GroupActivitySummary._meta.fields), "group__city", "group__member_count")
