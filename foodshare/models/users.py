"""People: who they are, the mode they share in, and how far they are verified."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower

from foodshare.db.fields import DatabaseNow, TimestampField
from foodshare.db.invalidation import noted
from foodshare.models.base import CreatedModel
from foodshare.models.places import Building


class SharingMode(models.TextChoices):
    """Whom a person shares with."""

    NEIGHBORHOOD = "neighborhood"
    COMMUNITY = "community"


class VerificationLevel(models.TextChoices):
    """How far a person is verified: fully (address), lightly (group membership), or not yet."""

    FULL = "full"
    LIGHT = "light"
    PENDING = "pending"


class RequestState(models.TextChoices):
    """Where a request for verification stands."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


# What a request knows of whose token it carries.
ACCOUNT_COLUMNS = ("name", "image", "is_active", "sharing_mode", "verification_level", "email", "is_staff",
                   "is_superuser", "building_id", "apartment", "created_at")


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.lower(), is_staff=True, is_superuser=True, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin, CreatedModel):
    """A person. Columns up to `verification_level` are document A's, the others the platform's own.

    People who came with an adopted database have no e-mail and cannot log in until one is given.
    """

    name = models.CharField(max_length=255)
    image = models.TextField(null=True, blank=True, help_text="URL of a picture.")
    is_active = models.BooleanField(default=True, db_default=True)
    sharing_mode = models.CharField(max_length=20, null=True, choices=SharingMode, default=SharingMode.NEIGHBORHOOD,
                                    db_default=SharingMode.NEIGHBORHOOD)
    verification_level = models.CharField(max_length=20, null=True, choices=VerificationLevel,
                                          default=VerificationLevel.FULL, db_default=VerificationLevel.FULL)

    password = models.CharField(max_length=128, db_default="!")
    last_login = TimestampField(null=True, blank=True)
    email = models.EmailField(null=True, blank=True, unique=True)
    is_staff = models.BooleanField("may enter the admin", default=False, db_default=False)
    is_superuser = models.BooleanField(default=False, db_default=False)
    building = models.ForeignKey(Building, models.DO_NOTHING, null=True, blank=True, related_name="residents",
                                 db_index=False)
    apartment = models.CharField(max_length=50, blank=True, db_default="")

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        db_table = "users"
        constraints = [
            models.CheckConstraint(name="users_sharing_mode_check",
                                   condition=models.Q(sharing_mode__in=SharingMode.values)),
            models.CheckConstraint(name="users_verification_level_check",
                                   condition=models.Q(verification_level__in=VerificationLevel.values)),
            models.CheckConstraint(name="users_email_lower_check", condition=models.Q(email=Lower("email"))),
        ]
        triggers: ClassVar[list[Any]] = [
            *noted("account", ["id"], updates=[*ACCOUNT_COLUMNS]),
            *noted("person", ["id"], updates=["name", "image", "is_active"], inserts=True),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_pending_neighbor(self) -> bool:
        """True for who shares with neighbours but is not verified: such a person sees and posts nothing."""
        return (self.sharing_mode == SharingMode.NEIGHBORHOOD
                and self.verification_level == VerificationLevel.PENDING)

    @property
    def is_verified_neighbor(self) -> bool:
        """True for who shares with neighbours and whose address is verified."""
        return (self.sharing_mode == SharingMode.NEIGHBORHOOD
                and self.verification_level == VerificationLevel.FULL and self.building_id is not None)


class UserActivity(models.Model):
    """When a person was last seen, some seconds late: foodshare.cache.behind writes it in batches. Who never was has
    none."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="activity")
    last_seen_at = TimestampField()

    class Meta:
        db_table = "user_activity"

    def __str__(self) -> str:
        return f"{self.user_id} was seen {self.last_seen_at}"


class ModeTransitionEvent(CreatedModel):
    """One switch of mode by one person (document A)."""

    created_at = TimestampField(null=True, db_default=DatabaseNow(), editable=False)
    user = models.ForeignKey(User, models.DO_NOTHING, null=True, related_name="mode_transitions", db_index=False)
    from_mode = models.CharField(max_length=20, null=True)
    to_mode = models.CharField(max_length=20, null=True)
    reason = models.TextField(null=True)
    stream_id = models.CharField(max_length=100, null=True)

    class Meta:
        db_table = "mode_transition_events"

    def __str__(self) -> str:
        return f"{self.from_mode} → {self.to_mode}"


class VerificationRequest(CreatedModel):
    """What a person submits to be verified as a neighbour; a moderator approves or rejects it."""

    user = models.ForeignKey(User, models.CASCADE, related_name="verification_requests")
    address = models.CharField(max_length=255)
    apartment = models.CharField(max_length=50)
    phone = models.CharField(max_length=30)
    building = models.ForeignKey(Building, models.SET_NULL, null=True, blank=True,
                                 help_text="The building of that address; needed to approve.")
    state = models.CharField(max_length=20, choices=RequestState, default=RequestState.PENDING)
    reviewed_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    reviewed_at = TimestampField(null=True, blank=True)
    rejection_reason = models.TextField(blank=True)

    class Meta:
        db_table = "verification_requests"
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=models.Q(state="pending"),
                                    name="verification_requests_open_uniq"),
            models.CheckConstraint(name="verification_requests_state_check",
                                   condition=models.Q(state__in=RequestState.values)),
        ]
        indexes = [models.Index(fields=["state", "created_at"], name="verification_requests_queue")]

    def __str__(self) -> str:
        return f"{self.address}, {self.apartment}"
