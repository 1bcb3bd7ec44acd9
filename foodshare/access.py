"""Who sees whom."""

from uuid import UUID

from foodshare.cache import aside
from foodshare.cache.keys import BLOCKED_BY, NOTHING, PROFILE
from foodshare.models import User
from foodshare.queries import people_shown_to


def is_shown_to(reader: User, person_id: UUID) -> bool:
    """Whether `reader` may open the person's profile: that of who is active and does not block them."""
    if not aside.is_usable():
        return people_shown_to(reader).filter(pk=person_id).exists()
    return not is_blocked_by(reader, person_id) and aside.get(PROFILE, person_id) != NOTHING


def is_blocked_by(reader: User, person_id: UUID) -> bool:
    return str(person_id) in aside.value(BLOCKED_BY, reader.pk)
