"""Community groups, who belongs to them, and the summary of what they share."""

from uuid import UUID

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from foodshare.db.fields import DatabaseNow, TimestampField
from foodshare.db.invalidation import noted
from foodshare.models import User
from foodshare.models.base import CreatedModel


class GroupType(models.TextChoices):
    """In which mode a group shares."""

    NEIGHBORHOOD = "neighborhood"
    COMMUNITY = "community"


class MemberRole(models.TextChoices):
    MEMBER = "member"
    ADMIN = "admin"


class MemberState(models.TextChoices):
    """A pending member waits for the group's admin and sees nothing yet."""

    PENDING = "pending"
    ACTIVE = "active"


LONGEST_DELAY = 1440  # minutes
CLAIM_DELAYS = ("claim_minutes_trusted", "claim_minutes_others", "claim_minutes_concerning")  # the shortest first
LADDER = "Trusted people wait no longer than others, and people of concern no less."


def claim_delay(who: str) -> "models.SmallIntegerField[int, int]":
    """For how many minutes a fresh post waits before some of the members may claim it."""
    return models.SmallIntegerField(default=0, db_default=0, help_text=f"Minutes until {who} may claim a fresh post.",
                                    validators=[MinValueValidator(0), MaxValueValidator(LONGEST_DELAY)])


class CommunityGroup(CreatedModel):
    """A group that shares food, a Telegram group for instance. Columns up to `admin_user` are document A's."""

    created_at = TimestampField(null=True, db_default=DatabaseNow(), editable=False)
    telegram_group_id = models.BigIntegerField(null=True, blank=True, unique=True)
    name = models.CharField(max_length=255)
    group_type = models.CharField(max_length=20, choices=GroupType)
    verification_required = models.BooleanField(null=True, default=False, db_default=False,
                                                help_text="Members are approved by the group's admin.")
    admin_user = models.ForeignKey(User, models.DO_NOTHING, null=True, blank=True, related_name="administered_groups",
                                   db_index=False)

    description = models.TextField(blank=True, db_default="")
    city = models.CharField(max_length=100, blank=True, db_default="")
    member_count = models.IntegerField(default=0, db_default=0, help_text="Active members; kept by the services.")
    claim_minutes_trusted = claim_delay("trusted people")
    claim_minutes_others = claim_delay("people neither trusted nor of concern")
    claim_minutes_concerning = claim_delay("people of concern")

    class Meta:
        db_table = "community_groups"
        constraints = [
            models.CheckConstraint(name="community_groups_group_type_check",
                                   condition=Q(group_type__in=GroupType.values)),
            models.CheckConstraint(name="community_groups_member_count_check", condition=Q(member_count__gte=0)),
            models.CheckConstraint(name="community_groups_claim_minutes_check",
                                   condition=Q(claim_minutes_trusted__range=(0, LONGEST_DELAY),
                                               claim_minutes_others__range=(0, LONGEST_DELAY),
                                               claim_minutes_concerning__range=(0, LONGEST_DELAY))),
            models.CheckConstraint(name="community_groups_claim_ladder_check", violation_error_message=LADDER,
                                   condition=Q(claim_minutes_trusted__lte=F("claim_minutes_others"),
                                               claim_minutes_others__lte=F("claim_minutes_concerning"))),
        ]
        triggers = noted("group", ["id"], updates=["name", "group_type", "city", "member_count"], inserts=True)

    def __str__(self) -> str:
        return self.name

    def is_administered_by(self, user_id: UUID) -> bool:
        """Whether a person is one of the group's admins: document A's `admin_user`, or one by membership."""
        admins = self.memberships.filter(role=MemberRole.ADMIN, state=MemberState.ACTIVE)
        return user_id == self.admin_user_id or admins.filter(user=user_id).exists()


class Membership(CreatedModel):
    """One person in one group."""

    group = models.ForeignKey(CommunityGroup, models.CASCADE, related_name="memberships", db_index=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=MemberRole, default=MemberRole.MEMBER)
    state = models.CharField(max_length=20, choices=MemberState, default=MemberState.ACTIVE)

    class Meta:
        db_table = "group_memberships"
        constraints = [
            models.UniqueConstraint(fields=["group", "user"], name="group_memberships_group_id_user_id_uniq"),
            models.CheckConstraint(name="group_memberships_role_check", condition=Q(role__in=MemberRole.values)),
            models.CheckConstraint(name="group_memberships_state_check", condition=Q(state__in=MemberState.values)),
        ]
        indexes = [models.Index(fields=["group", "-created_at", "-id"], name="group_memberships_page_idx")]

    def __str__(self) -> str:
        return f"{self.role} ({self.state})"


class GroupActivitySummary(models.Model):
    """A row of document A's materialized view: a group's last 30 days as of the last refresh.

    `active_members` counts, as the document wrote it, every person in community mode on the platform;
    a group's own number is CommunityGroup.member_count.
    """

    group = models.OneToOneField(CommunityGroup, models.DO_NOTHING, primary_key=True, related_name="summary",
                                 db_constraint=False)
    group_name = models.CharField(max_length=255)
    group_type = models.CharField(max_length=20, choices=GroupType)
    active_members = models.BigIntegerField()
    food_posts_30d = models.BigIntegerField()
    avg_rating = models.DecimalField(max_digits=20, decimal_places=16, null=True)
    successful_exchanges_30d = models.BigIntegerField()
    last_food_post = TimestampField(null=True)

    class Meta:
        db_table = "group_activity_summary"
        managed = False
        verbose_name_plural = "group activity summary"

    def __str__(self) -> str:
        return self.group_name
