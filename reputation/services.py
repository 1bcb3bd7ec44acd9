"""Writes to reputation."""

from uuid import UUID

from foodshare.exceptions import Missing
from foodshare.models import User
from reputation.models import UserGlobalReputation


def open_reputation(user: User) -> None:
    """Give a new person the row with document A's defaults."""
    UserGlobalReputation.objects.create(user=user)


def reputation_of(user_id: UUID) -> UserGlobalReputation:
    """A person's row, with document A's defaults where another program has added the person since the adoption.

    Raises Missing when there is no such person.
    """
    found = UserGlobalReputation.objects.filter(pk=user_id).first()
    if found is None:
        if not User.objects.filter(pk=user_id).exists():
            raise Missing
        UserGlobalReputation.objects.bulk_create([UserGlobalReputation(user_id=user_id)], ignore_conflicts=True)
        found = UserGlobalReputation.objects.get(pk=user_id)
    return found
