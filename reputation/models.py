"""Reputation, as document A orders it: the ledger of events, its projection, and the streams' checkpoints."""

from decimal import Decimal
from typing import Any, ClassVar

from django.db import models

from foodshare.db.fields import DatabaseNow, TimestampField
from foodshare.db.invalidation import noted
from foodshare.models import User
from foodshare.models.base import CreatedModel


def score(default: str) -> "models.DecimalField[Decimal | None, Decimal | None]":
    """A score from 0 to 99.99, which is what DECIMAL(4,2) holds."""
    return models.DecimalField(max_digits=4, decimal_places=2, null=True, default=Decimal(default),
                               db_default=Decimal(default))


def average() -> "models.DecimalField[Decimal | None, Decimal | None]":
    """A plain mean of stars; 0 before the first."""
    return models.DecimalField(max_digits=3, decimal_places=2, null=True, default=Decimal("0.00"),
                               db_default=Decimal("0.00"))


def count() -> "models.IntegerField[int | None, int | None]":
    return models.IntegerField(null=True, default=0, db_default=0)


# What the API tells of a person. What tells of the stream alone makes nothing invalid.
SHOWN_COLUMNS = ("overall_score", "trust_level", "total_food_shared", "total_food_claimed", "total_exchanges_completed",
                 "total_groups_participated", "reliability_score", "community_contributions", "last_activity",
                 "peak_reputation", "reputation_trend", "reputation_updated_at")


class UserGlobalReputation(models.Model):
    """What a person's events add up to, over all groups."""

    user = models.OneToOneField(User, models.DO_NOTHING, primary_key=True, related_name="reputation")
    overall_score = score("75.00")
    trust_level = models.CharField(max_length=20, null=True, default="developing", db_default="developing")
    total_food_shared = count()
    total_food_claimed = count()
    total_exchanges_completed = count()
    total_groups_participated = count()
    avg_food_rating = average()
    avg_recipient_rating = average()
    reliability_score = score("75.00")
    reported_incidents = count()
    resolved_disputes = count()
    community_contributions = count()
    account_age_days = count()
    last_activity = TimestampField(null=True, db_default=DatabaseNow())
    reputation_updated_at = TimestampField(null=True, db_default=DatabaseNow())
    peak_reputation = score("75.00")
    reputation_trend = models.CharField(max_length=10, null=True, default="stable", db_default="stable")
    last_stream_event_id = models.CharField(max_length=100, null=True)
    stream_lag_seconds = count()
    reputation_sync_status = models.CharField(max_length=20, null=True, default="synced", db_default="synced")

    class Meta:
        db_table = "user_global_reputation"
        verbose_name = "reputation"
        triggers: ClassVar[list[Any]] = noted("reputation", ["user_id"], updates=SHOWN_COLUMNS, inserts=True,
                                              key="user_id")

    def __str__(self) -> str:
        return f"{self.overall_score} ({self.trust_level})"


class ReputationPrivacy(models.Model):
    """Which parts of their reputation a person shows to others; who has no row shows all."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="reputation_privacy")
    show_score = models.BooleanField(default=True, db_default=True, help_text="The score and its peak.")
    show_level = models.BooleanField(default=True, db_default=True, help_text="The trust level.")
    show_statistics = models.BooleanField(default=True, db_default=True,
                                          help_text="Totals, averages, reliability and when you were last active.")
    show_trend = models.BooleanField(default=True, db_default=True, help_text="Where the score is going.")

    class Meta:
        db_table = "reputation_privacy"
        verbose_name_plural = "reputation privacy"
        triggers: ClassVar[list[Any]] = noted(
            "reputation", ["user_id"], updates=["show_score", "show_level", "show_statistics", "show_trend"],
            inserts=True, key="user_id")

    def __str__(self) -> str:
        return str(self.user_id)


class ReputationRanking(models.Model):
    """A group whose members are ranked by score, or (with the zero UUID as scope) everybody; see reputation.ranks."""

    scope = models.UUIDField(primary_key=True)
    people = models.IntegerField(help_text="How many are ranked.")
    as_of = TimestampField()

    class Meta:
        db_table = "reputation_rankings"

    def __str__(self) -> str:
        return str(self.scope)


class ReputationRank(models.Model):
    """How many people of a ranking have one score, and how many have a higher one."""

    pk = models.CompositePrimaryKey("scope", "score")
    scope = models.UUIDField()
    score = models.DecimalField(max_digits=4, decimal_places=2)
    people = models.IntegerField()
    above = models.IntegerField()

    class Meta:
        db_table = "reputation_ranks"

    def __str__(self) -> str:
        return f"{self.score}: {self.people} below {self.above}"


class ReputationLeader(models.Model):
    """One of the first of a ranking; equal scores share a rank."""

    pk = models.CompositePrimaryKey("scope", "place")
    scope = models.UUIDField()
    place = models.IntegerField()
    user = models.ForeignKey(User, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    score = models.DecimalField(max_digits=4, decimal_places=2)
    rank = models.IntegerField()

    class Meta:
        db_table = "reputation_leaders"

    def __str__(self) -> str:
        return f"{self.rank}: {self.score}"


class ReputationEvent(CreatedModel):
    """One change of one person's score. The ledger: rows are only ever added."""

    created_at = TimestampField(null=True, db_default=DatabaseNow(), editable=False)
    user = models.ForeignKey(User, models.DO_NOTHING, null=True, related_name="reputation_events", db_index=False)
    event_type = models.CharField(max_length=50)
    impact_score = models.DecimalField(max_digits=5, decimal_places=2)
    previous_score = models.DecimalField(max_digits=4, decimal_places=2)
    new_score = models.DecimalField(max_digits=4, decimal_places=2)
    group = models.ForeignKey("groups.CommunityGroup", models.DO_NOTHING, null=True, related_name="+", db_index=False)
    related_exchange_id = models.UUIDField(null=True)
    description = models.TextField(null=True)
    stream_id = models.CharField(max_length=100, null=True)
    stream_partition = models.IntegerField(null=True)
    processed_at = TimestampField(null=True)

    class Meta:
        db_table = "reputation_events"

    def __str__(self) -> str:
        return f"{self.event_type} {self.impact_score:+}"


class ReputationState(models.Model):
    """What a person's ledger folds to, kept so that the next event need not read all of it.

    Only a memo: it may be deleted, and is made again from the ledger.
    """

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="+")
    state = models.JSONField(help_text="What reputation.state.dump writes.")
    decay_due_at = TimestampField(null=True, help_text="When inactivity takes something next.")

    class Meta:
        db_table = "reputation_states"
        indexes = [models.Index(fields=["decay_due_at", "user"], name="reputation_states_decay_idx",
                                condition=models.Q(decay_due_at__isnull=False))]
        triggers: ClassVar[list[Any]] = noted("reputation", ["user_id"], updates=["state"], inserts=True,
                                              key="user_id")

    def __str__(self) -> str:
        return str(self.user_id)


class EventStreamCheckpoint(models.Model):
    """How far one consumer group has applied one stream."""

    pk = models.CompositePrimaryKey("consumer_group", "stream_name")
    consumer_group = models.CharField(max_length=100)
    stream_name = models.CharField(max_length=100)
    last_processed_id = models.CharField(max_length=50)
    processed_at = TimestampField(null=True, db_default=DatabaseNow())
    lag_seconds = count()

    class Meta:
        db_table = "event_stream_checkpoints"

    def __str__(self) -> str:
        return f"{self.stream_name} up to {self.last_processed_id}"


class TrustViolation(models.Model):
    """Something that moderators should look at; `id` is the id of the event that told of it."""

    id = models.UUIDField(primary_key=True, editable=False)
    kind = models.CharField(max_length=50)
    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    details = models.JSONField(default=dict, help_text="The evidence.")
    stream_id = models.CharField(max_length=100, null=True)
    created_at = TimestampField(help_text="When it was found.")
    processed_at = TimestampField(db_default=DatabaseNow(), help_text="When it came here.")
    reviewed_at = TimestampField(null=True)
    reviewed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    note = models.TextField(blank=True, db_default="", help_text="What the moderator found.")

    class Meta:
        db_table = "trust_violations"
        # PostgreSQL puts NULL first in descending order: what nobody has reviewed comes before the rest.
        indexes = [models.Index(fields=["-reviewed_at", "-created_at", "-id"], name="trust_violations_queue_idx")]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
