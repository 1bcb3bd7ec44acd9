"""How food changes hands, and what both sides say of it."""

from datetime import timedelta
from typing import Self

import pgtrigger
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, When
from django.utils import timezone

from foodshare.db.fields import TimestampField
from foodshare.db.invalidation import noted
from foodshare.models.base import CreatedModel
from foodshare.models.posts import FoodPost
from foodshare.models.users import User


class ExchangeStatus(models.TextChoices):
    """Life of an exchange; see TRANSITIONS."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    DISPUTED = "disputed"


# From which status an exchange may go to which. A dispute is resolved by a moderator, to one of three ends.
TRANSITIONS: dict[str, tuple[str, ...]] = {
    "pending": ("confirmed", "cancelled"),
    "confirmed": ("completed", "cancelled", "disputed"),
    "completed": ("disputed",),
    "disputed": ("confirmed", "completed", "cancelled"),
    "cancelled": (),
}

# How long one side's rating stays hidden from the other, unless both have rated.
BLIND_PERIOD = timedelta(days=14)


class ExchangeQuerySet(models.QuerySet["Exchange"]):
    """Exchanges, narrowed by who asks."""

    def received_by(self, user: User) -> Self:
        return self.filter(recipient=user)

    def given_by(self, user: User) -> Self:
        return self.filter(food__author=user)

    def involving(self, user: User) -> Self:
        """Those in which the person has a side; two index scans, where an OR would read the whole table."""
        received, given = Exchange.objects.received_by(user), Exchange.objects.given_by(user)
        return self.filter(pk__in=received.values("pk").union(given.values("pk"), all=True))

    def holding(self) -> Self:
        """Those that hold their post: all but the cancelled."""
        return self.exclude(status=ExchangeStatus.CANCELLED)


class Exchange(CreatedModel):
    """One person's claim of one post. The giver is the post's author.

    Columns up to `status` came before the platform. The claim is the recipient's confirmation, so
    `recipient_confirmed_at` is set with it; the giver's makes the exchange confirmed.
    """

    food = models.ForeignKey(FoodPost, models.DO_NOTHING, related_name="exchanges", db_index=False)
    recipient = models.ForeignKey(User, models.DO_NOTHING, related_name="exchanges_received", db_index=False)
    status = models.CharField(max_length=20, choices=ExchangeStatus, default=ExchangeStatus.PENDING,
                              db_default=ExchangeStatus.PENDING)

    recipient_confirmed_at = TimestampField(null=True, blank=True)
    giver_confirmed_at = TimestampField(null=True, blank=True)
    completed_at = TimestampField(null=True, blank=True)
    cancelled_at = TimestampField(null=True, blank=True)
    cancelled_by = models.ForeignKey(User, models.DO_NOTHING, null=True, blank=True, related_name="+", db_index=False)
    cancel_reason = models.TextField(blank=True, db_default="")
    disputed_at = TimestampField(null=True, blank=True)
    disputed_by = models.ForeignKey(User, models.DO_NOTHING, null=True, blank=True, related_name="+", db_index=False)
    dispute_reason = models.TextField(blank=True, db_default="")
    resolved_at = TimestampField(null=True, blank=True)
    resolved_by = models.ForeignKey(User, models.DO_NOTHING, null=True, blank=True, related_name="+", db_index=False)
    resolution = models.TextField(blank=True, db_default="")

    objects = ExchangeQuerySet.as_manager()

    class Meta:
        db_table = "exchanges"
        constraints = [
            models.CheckConstraint(name="exchanges_status_check", condition=Q(status__in=ExchangeStatus.values)),
            # Holds whatever a writer forgets; a disputed exchange still holds its post.
            models.UniqueConstraint(fields=["food"], condition=~Q(status="cancelled"),
                                    name="exchanges_food_id_active_uniq"),
        ]
        triggers = [
            pgtrigger.FSM(name="exchange_life_cycle", field="status",
                          transitions=[(start, end) for start, ends in TRANSITIONS.items() for end in ends]),
        ]

    def __str__(self) -> str:
        return f"{self.status} exchange {self.pk}"


def notes_shown_to(user: User) -> Case:
    """A post's handover notes, for its author and for who holds it; else NULL, so they never leave the database."""
    held = Exchange.objects.holding().received_by(user).filter(food=OuterRef("pk"))
    return Case(When(Q(author=user) | Q(Exists(held)), then=F("handover_notes")), default=None)


class RatingQuerySet(models.QuerySet["Rating"]):
    """Ratings, narrowed to what may be known of them."""

    def shown(self) -> Self:
        """Those no longer hidden from whom they rate; only these may stand behind an average."""
        return self.filter(IS_SHOWN)

    def shown_to(self, user: User) -> Self:
        """What one side of an exchange may read: its own rating, and the other's once it is shown."""
        return self.filter(Q(rater=user) | IS_SHOWN)

    def hidden(self) -> Self:
        """Those yet to be revealed. Adopted ones, of whom nobody knows who gave them, never are."""
        return self.filter(~IS_SHOWN, rater__isnull=False)

    def due(self) -> Self:
        """Hidden ones whose BLIND_PERIOD has passed. In a dispute they wait for how it is resolved."""
        return self.hidden().filter(exchange__status=ExchangeStatus.COMPLETED,
                                    exchange__completed_at__lte=timezone.now() - BLIND_PERIOD)


IS_SHOWN = Q(revealed_at__isnull=False)


class Rating(CreatedModel):
    """Stars that one side of a completed exchange gives the other; `rater` is empty only in adopted rows.

    A rating is hidden from whom it rates, and counts nowhere, until both sides have rated or BLIND_PERIOD has
    passed since completion: then foodshare.services.ratings reveals it, once.
    """

    exchange = models.ForeignKey(Exchange, models.DO_NOTHING, related_name="ratings", db_index=False)
    stars = models.IntegerField()
    rater = models.ForeignKey(User, models.DO_NOTHING, null=True, blank=True, related_name="ratings_given",
                              db_index=False)
    comment = models.TextField(blank=True, db_default="")
    updated_at = TimestampField(null=True, blank=True)
    revealed_at = TimestampField(null=True, blank=True, editable=False, help_text="Empty while it is hidden.")

    objects = RatingQuerySet.as_manager()

    class Meta:
        db_table = "ratings"
        constraints = [
            models.CheckConstraint(name="ratings_stars_check", condition=Q(stars__range=(1, 5))),
            models.UniqueConstraint(fields=["exchange", "rater"], name="ratings_exchange_id_rater_id_uniq"),
        ]
        triggers = noted("rating", ["exchange_id"], inserts=True,
                         updates=["exchange_id", "rater_id", "stars", "revealed_at"])

    def __str__(self) -> str:
        return f"{self.stars} stars"
