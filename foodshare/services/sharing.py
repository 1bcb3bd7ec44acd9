"""Where a person shares."""

from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from foodshare.exceptions import Invalid
from foodshare.models import User


def refuse_other_groups(user: User, group_id: UUID) -> None:
    """Raise Invalid unless the person shares in the group."""
    if not import_string(settings.SHARING_GROUPS)(user).filter(pk=group_id).exists():
        raise Invalid(f"You are not an active member of a {user.sharing_mode} group with this id.", attr="group")
