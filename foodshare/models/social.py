"""What people say of themselves, and what they are to each other."""

from collections.abc import Iterable
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from foodshare.db.invalidation import noted
from foodshare.models.base import CreatedModel
from foodshare.models.users import User


class Profile(models.Model):
    """What a person tells of themselves; its key is the person's. Who has told nothing has none."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, db_column="id", related_name="profile")
    bio = models.TextField(blank=True, db_default="")
    interests = models.JSONField(default=list, db_default=[], blank=True, help_text="A list of words.")
    roles = models.JSONField(default=list, db_default=[], blank=True, help_text="A list of words, such as “driver”.")
    location_city = models.CharField(max_length=100, blank=True, db_default="")
    location_state = models.CharField(max_length=100, blank=True, db_default="")

    class Meta:
        db_table = "profiles"
        indexes = [
            GinIndex(fields=["interests"], name="idx_profiles_interests"),
            GinIndex(fields=["roles"], name="idx_profiles_roles"),
            models.Index(fields=["location_city", "location_state"], name="idx_profiles_location"),
        ]
        triggers: ClassVar[list[Any]] = noted(
            "profile", ["id"], inserts=True, updates=["bio", "interests", "roles", "location_city", "location_state"])

    def __str__(self) -> str:
        return f"profile of {self.user_id}"


class RelationshipType(models.TextChoices):
    """An accepted friendship stands in both directions, the others in one."""

    FRIEND = "FRIEND"
    FOLLOW = "FOLLOW"
    BLOCK = "BLOCK"


class RelationshipStatus(models.TextChoices):
    """Only a friendship is ever pending: it waits for the other's answer."""

    PENDING = "PENDING"
    ACCEPTED = "ACCEPTED"


class RelationshipQuerySet(models.QuerySet["Relationship"]):
    def accepted_friends_of(self, user: User) -> "RelationshipQuerySet":
        """The directions that lead from the person to a friend."""
        return self.filter(from_user=user, type=RelationshipType.FRIEND, status=RelationshipStatus.ACCEPTED)

    def blocks_between(self, user: User, others: Iterable[User | UUID]) -> "RelationshipQuerySet":
        """The blocks between the person and any of the others, whoever set them."""
        return self.filter(Q(from_user=user, to_user__in=others) | Q(from_user__in=others, to_user=user),
                           type=RelationshipType.BLOCK)


class Relationship(CreatedModel):
    """What one person is to another (document B)."""

    from_user = models.ForeignKey(User, models.CASCADE, related_name="relationships", db_index=False)
    to_user = models.ForeignKey(User, models.CASCADE, related_name="incoming_relationships", db_index=False)
    type = models.CharField(max_length=20, choices=RelationshipType)
    status = models.CharField(max_length=20, choices=RelationshipStatus)

    objects = RelationshipQuerySet.as_manager()

    class Meta:
        db_table = "relationships"
        constraints = [
            models.UniqueConstraint(fields=["from_user", "to_user", "type"], name="relationships_pair_type_uniq"),
            models.CheckConstraint(name="relationships_type_check", condition=Q(type__in=RelationshipType.values)),
            models.CheckConstraint(name="relationships_status_check",
                                   condition=Q(status__in=RelationshipStatus.values)),
            models.CheckConstraint(name="relationships_self_check", condition=~Q(from_user=F("to_user"))),
        ]
        indexes = [
            models.Index(fields=["from_user", "to_user"], name="relationships_friends_idx",
                         condition=Q(type=RelationshipType.FRIEND, status=RelationshipStatus.ACCEPTED)),
            models.Index(fields=["from_user", "-created_at", "-id"], name="relationships_from_page_idx"),
            models.Index(fields=["to_user", "-created_at", "-id"], name="relationships_to_page_idx"),
        ]
        triggers: ClassVar[list[Any]] = noted("relationship", ["from_user_id", "to_user_id"], inserts=True,
                                              updates=["from_user_id", "to_user_id", "type", "status"])

    def __str__(self) -> str:
        return f"{self.type} ({self.status})"
