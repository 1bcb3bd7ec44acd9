"""Writes to reputation."""

from typing import Any
from uuid import UUID

from foodshare.exceptions import Missing
from foodshare.models import User
from reputation.models import ReputationPrivacy, UserGlobalReputation
from reputation.queries import reputations


def open_reputation(user: User) -> None:
    """Give a new person the row with document A's defaults."""
    UserGlobalReputation.objects.create(user=user)


def choose_privacy(user: User, **shown: bool) -> None:
    """Keep what the person says of some parts: one statement, so that two at once both count."""
    if shown:
        ReputationPrivacy.objects.bulk_create([ReputationPrivacy(user=user, **shown)], update_conflicts=True,
                                              unique_fields=["user"], update_fields=list(shown))


def reputation_of(user_id: UUID) -> Any:
    """A person's row of `reputations()`, with document A's defaults where another program has added the person.

    Raises Missing when there is no such person.
    """
    found = reputations().filter(pk=user_id).first()
    if found is None:
        if not User.objects.filter(pk=user_id).exists():
            raise Missing
        UserGlobalReputation.objects.bulk_create([UserGlobalReputation(user_id=user_id)], ignore_conflicts=True)
        found = reputations().get(pk=user_id)
    return found
