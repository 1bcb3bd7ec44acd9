"""Writes of status updates."""

from uuid import UUID

from django.db.models import QuerySet

from foodshare.exceptions import Missing
from foodshare.models import User
from foodshare.services.sharing import refuse_other_groups
from groups.models import StatusUpdate


def post(author: User, content: str, group_id: UUID | None = None) -> StatusUpdate:
    """Tell one's friends and, with a group, its members. Raises Invalid unless the author shares in the group."""
    if group_id is not None:
        refuse_other_groups(author, group_id)
    return StatusUpdate.objects.create(author=author, content=content, group_id=group_id)


def remove(author: User, key: UUID) -> None:
    """Take back what one told; nothing of it is kept. Raises Missing for another's."""
    discard(StatusUpdate.objects.filter(pk=key, author=author))


def remove_by_moderator(status: StatusUpdate, moderator: User) -> None:
    """Take away what somebody told. Raises Missing when it is gone already."""
    discard(StatusUpdate.objects.filter(pk=status.pk))


def discard(found: QuerySet[StatusUpdate]) -> None:
    deleted, _ = found.delete()
    if not deleted:
        raise Missing
