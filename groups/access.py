"""Whose food a member sees."""

from django.db.models import QuerySet

from foodshare.models import User
from groups.models import CommunityGroup, MemberState


def sharing_groups(user: User) -> QuerySet[CommunityGroup]:
    """The groups of the person's own mode in which the person is an active member (settings.SHARING_GROUPS)."""
    return CommunityGroup.objects.filter(group_type=user.sharing_mode, memberships__user=user,
                                         memberships__state=MemberState.ACTIVE)
