"""Who sees what of a person's reputation."""

from typing import Any
from uuid import UUID

from foodshare.exceptions import Missing
from foodshare.models import User
from foodshare.queries import people_shown_to
from reputation.models import ReputationPrivacy

PARTS = ("score", "level", "statistics", "trend")  # each shown or hidden by its owner


def sees_all(reader: User) -> bool:
    """Whether the reader is a moderator, from whom nothing is hidden."""
    return reader.is_staff and reader.has_perm("reputation.view_userglobalreputation")


def refuse_strangers(reader: User, user_id: UUID) -> None:
    """Raise Missing for whoever may not open the person's profile either: the person is suspended, or blocks them."""
    if reader.pk != user_id and not sees_all(reader) and not people_shown_to(reader).filter(pk=user_id).exists():
        raise Missing


def privacy_of(user: User) -> ReputationPrivacy:
    """What a person has chosen; all is shown by who has chosen nothing."""
    chosen: ReputationPrivacy | None = getattr(user, "reputation_privacy", None)
    return chosen or ReputationPrivacy(user=user)


def hidden_parts(row: Any, reader: User) -> list[str]:
    """The parts of a row of `reputations()` that its owner hides from the reader."""
    chosen = privacy_of(row.user)
    hidden = [part for part in PARTS if not getattr(chosen, f"show_{part}")]
    return [] if not hidden or reader.pk == row.pk or sees_all(reader) else hidden
