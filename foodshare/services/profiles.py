"""Writes to profiles."""

from typing import Any

from foodshare.cache.keys import PROFILE
from foodshare.cache.through import write_through
from foodshare.models import Profile, User


def tell(user: User, **told: Any) -> None:
    """Keep what the person tells and leave the rest of the profile: one statement, so that two at once both count."""
    if told:
        Profile.objects.bulk_create([Profile(user=user, **told)], update_conflicts=True, unique_fields=["user"],
                                    update_fields=list(told))
        write_through(PROFILE, user.pk)
