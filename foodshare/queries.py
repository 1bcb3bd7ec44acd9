"""Reads of people, and of what they are to each other."""

from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet

from foodshare.models import Relationship, RelationshipType, User


def blocked_ids(user: User) -> QuerySet[Relationship, Any]:
    """The ids of people whom the person blocks or by whom the person is blocked, for `IN (…)`."""
    blocks = Relationship.objects.filter(type=RelationshipType.BLOCK)
    blocked, blocking = blocks.filter(from_user=user), blocks.filter(to_user=user)
    return blocked.values(other=F("to_user_id")).union(blocking.values(other=F("from_user_id")), all=True)


def people() -> QuerySet[User]:
    """Active people, each with what their profile shows."""
    return User.objects.filter(is_active=True).select_related("profile").only(
        "name", "image", "profile__bio", "profile__interests", "profile__roles", "profile__location_city",
        "profile__location_state")


def people_found_by(reader: User) -> QuerySet[User]:
    """Whom a search by `reader` may find: nobody with a block between the two."""
    return people().exclude(pk__in=blocked_ids(reader))


def people_shown_to(reader: User) -> QuerySet[User]:
    """Whose profile `reader` may open: everybody's but of those by whom the reader is blocked."""
    return people().exclude(pk__in=blocks_of(reader.pk).values("from_user"))


def blocks_of(person_id: UUID) -> QuerySet[Relationship]:
    """The blocks that others have set against the person."""
    return Relationship.objects.filter(to_user=person_id, type=RelationshipType.BLOCK)


def relationships_set_by(user: User) -> QuerySet[Relationship]:
    """What the person is to others, each with the other in `other`."""
    return Relationship.objects.filter(from_user=user).select_related("to_user")


def relationships_towards(user: User) -> QuerySet[Relationship]:
    """What others are to the person. Nobody learns who blocks them."""
    return Relationship.objects.filter(to_user=user).exclude(type=RelationshipType.BLOCK).select_related("from_user")
