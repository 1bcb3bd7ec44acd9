"""Who sees what of a person's reputation."""

from uuid import UUID

from foodshare.access import is_shown_to
from foodshare.exceptions import Missing
from foodshare.models import User
from reputation.models import ReputationPrivacy

PARTS = ("score", "level", "statistics", "trend")  # each shown or hidden by its owner


def sees_all(reader: User) -> bool:
    """Whether the reader is a moderator, from whom nothing is hidden."""
    return reader.is_staff and reader.has_perm("reputation.view_userglobalreputation")


def refuse_strangers(reader: User, user_id: UUID) -> None:
    """Raise Missing for whoever may not open the person's profile either: the person is suspended, or blocks them."""
    if reader.pk != user_id and not sees_all(reader) and not is_shown_to(reader, user_id):
        raise Missing


def privacy_of(user: User) -> ReputationPrivacy:
    """What a person has chosen; all is shown by who has chosen nothing."""
    chosen: ReputationPrivacy | None = getattr(user, "reputation_privacy", None)
    return chosen or ReputationPrivacy(user=user)


def withheld_parts(user: User) -> list[str]:
    """The parts that a person does not show to others."""
    chosen = privacy_of(user)
    return [part for part in PARTS if not getattr(chosen, f"show_{part}")]


def hidden_parts(withheld: list[str], user_id: UUID, reader: User) -> list[str]:
    """Those of the withheld parts of a person's reputation that the reader does not see either."""
    return [] if not withheld or reader.pk == user_id or sees_all(reader) else withheld
