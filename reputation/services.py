"""Writes to reputation."""

from foodshare.models import User
from reputation.models import UserGlobalReputation


def open_reputation(user: User) -> None:
    """Give a new person the row with document A's defaults."""
    UserGlobalReputation.objects.create(user=user)
