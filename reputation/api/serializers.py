"""How the API shows reputation."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from foodshare.api.serializers import KnownFieldsOnly, PartySerializer, StrictSerializer, UUIDTextField
from groups.models import CommunityGroup
from reputation import explain
from reputation.access import PARTS
from reputation.models import ReputationEvent, ReputationPrivacy, UserGlobalReputation
from reputation.queries import food_average, recipient_average
from reputation.rules import Window
from reputation.state import BadMemo, load

Average = serializers.DecimalField(max_digits=3, decimal_places=2, allow_null=True)
# The fields of each part that may be hidden.
FIELDS = {
    "score": ("overall_score", "peak_reputation"),
    "level": ("trust_level",),
    "statistics": ("total_food_shared", "total_food_claimed", "total_exchanges_completed", "total_groups_participated",
                   "avg_food_rating", "avg_recipient_rating", "reliability_score", "community_contributions",
                   "last_activity", "reputation_updated_at"),
    "trend": ("reputation_trend",),
}


def points(**options: Any) -> serializers.DecimalField:
    """A score, or a part of one."""
    return serializers.DecimalField(max_digits=5, decimal_places=2, **options)


class ReputationSerializer(serializers.ModelSerializer[UserGlobalReputation]):
    """A person's row without reports and bookkeeping; what its owner hides from the reader is null.

    An average is the Bayesian mean (prior 4.0, weight 5) of the ratings that both sides may see already, and
    null until three people have given such ratings; the row's own columns hold plain means. Age and trend are as of
    now.
    """

    avg_food_rating = serializers.SerializerMethodField()
    avg_recipient_rating = serializers.SerializerMethodField()
    account_age_days = serializers.SerializerMethodField()
    reputation_trend = serializers.SerializerMethodField()
    hidden = serializers.SerializerMethodField()

    class Meta:
        model = UserGlobalReputation
        fields = (
            "user", "overall_score", "trust_level", "total_food_shared", "total_food_claimed",
            "total_exchanges_completed", "total_groups_participated", "avg_food_rating", "avg_recipient_rating",
            "reliability_score", "community_contributions", "account_age_days", "last_activity", "peak_reputation",
            "reputation_trend", "reputation_updated_at", "hidden",
        )

    @property
    def hidden_parts(self) -> list[str]:
        parts: list[str] = self.context["hidden"]
        return parts

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return shown(super().to_representation(instance), self.hidden_parts)

    @extend_schema_field(Average)
    def get_avg_food_rating(self, row: Any) -> str | None:
        return None if "statistics" in self.hidden_parts else as_text(food_average(row.pk))

    @extend_schema_field(Average)
    def get_avg_recipient_rating(self, row: Any) -> str | None:
        return None if "statistics" in self.hidden_parts else as_text(recipient_average(row.pk))

    def get_account_age_days(self, row: Any) -> int:
        return age_in_days(row.user.created_at, timezone.now())

    def get_reputation_trend(self, row: Any) -> str | None:
        """rising, declining or stable, by the change of the last 30 days."""
        try:
            return load(row.memo).trend(timezone.now())
        except BadMemo:
            trend: str | None = row.reputation_trend
            return trend

    @extend_schema_field(serializers.ListField(child=serializers.ChoiceField(PARTS)))
    def get_hidden(self, row: Any) -> list[str]:
        """The parts that the person does not show you; their fields are null."""
        return self.hidden_parts


def shown(told: dict[str, Any], hidden: Sequence[str]) -> dict[str, Any]:
    """What is told of a person, without the parts that are hidden."""
    return told | dict.fromkeys(name for part in hidden for name in FIELDS[part]) | {"hidden": hidden}


def age_in_days(joined: datetime, now: datetime) -> int:
    return max((now - joined).days, 0)


def as_text(average: Decimal | None) -> str | None:
    """As the API writes every decimal."""
    return None if average is None else str(average)


class PrivacySerializer(KnownFieldsOnly, serializers.ModelSerializer[ReputationPrivacy]):
    """Which parts of one's reputation others see. Moderators see all, and so does oneself."""

    class Meta:
        model = ReputationPrivacy
        fields = [f"show_{part}" for part in PARTS]


class GroupNameSerializer(serializers.ModelSerializer[CommunityGroup]):
    class Meta:
        model = CommunityGroup
        fields = ["id", "name"]
        read_only_fields = fields


class ReputationEventSerializer(serializers.ModelSerializer[ReputationEvent]):
    """One change of one's score. Who else took part is not told."""

    impact = points(source="impact_score", read_only=True, help_text="What the event did to the score.")
    raw = serializers.SerializerMethodField()
    why = serializers.SerializerMethodField()
    group = GroupNameSerializer(allow_null=True, read_only=True)
    exchange = serializers.UUIDField(source="related_exchange_id", allow_null=True, read_only=True)

    class Meta:
        model = ReputationEvent
        fields = ["id", "event_type", "impact", "raw", "previous_score", "new_score", "why", "group", "exchange",
                  "created_at", "processed_at"]
        read_only_fields = fields

    @extend_schema_field(points(allow_null=True))
    def get_raw(self, event: ReputationEvent) -> str | None:
        """What the event is worth by itself, caps and bounds aside."""
        return explain.raw_and_why(event.description)[0]

    def get_why(self, event: ReputationEvent) -> str | None:
        """The impact in words, with what a cap withheld."""
        return explain.raw_and_why(event.description)[1]


class MissingSerializer(serializers.Serializer[explain.NextLevel]):
    """What is missing for a level; zeros for what is there."""

    score = points()
    exchanges = serializers.IntegerField(help_text="Completed exchanges.")
    days = serializers.IntegerField(help_text="Days since you came.")
    partners = serializers.IntegerField(help_text="Different partners in completed exchanges.")
    quiet_days = serializers.IntegerField(help_text="Days since the last incident.")


class NextLevelSerializer(serializers.Serializer[explain.NextLevel]):
    level = serializers.CharField()
    missing = MissingSerializer(source="*")
    sentence = serializers.CharField()


class DecaySerializer(serializers.Serializer[explain.Decay]):
    """What inactivity takes next."""

    days = serializers.IntegerField(help_text="Of inactivity.")
    at = serializers.DateTimeField()
    impact = points()
    sentence = serializers.CharField()


class InactivitySerializer(serializers.Serializer[Any]):
    since = serializers.DateTimeField(help_text="When you were last active, or came.")
    next = DecaySerializer(allow_null=True, help_text="Null when nothing more is taken.")


class CapSerializer(serializers.Serializer[explain.Cap]):
    """How much the events of a kind may add or take in one window of UTC."""

    cap = points(source="rule.cap")
    window = serializers.ChoiceField(list(Window), source="rule.window")
    used = points()
    left = points()
    renews_at = serializers.DateTimeField()


class KindSerializer(serializers.Serializer[Any]):
    """A kind of event: what your events of it did to the score."""

    event_type = serializers.CharField()
    events = serializers.IntegerField(help_text="How many, of all time.")
    total = points(help_text="The sum of their impacts, of all time.")
    worth = points(allow_null=True, help_text="What one is worth by itself; null for a kind whose events differ.")
    cap = CapSerializer(allow_null=True)


class HelpSerializer(serializers.Serializer[explain.Help]):
    """What one event of a kind would do now."""

    event_type = serializers.CharField(source="kind")
    impact = points()
    score = points(help_text="After it.")
    level = serializers.CharField(help_text="After it.")
    sentence = serializers.CharField()


class ExplanationSerializer(serializers.Serializer[Any]):
    """How your score came about, and what comes next."""

    score = points(allow_null=True)
    level = serializers.CharField(allow_null=True)
    trend = serializers.CharField()
    sync_status = serializers.CharField(allow_null=True, help_text="synced, processing or error.")
    next_level = NextLevelSerializer(allow_null=True, help_text="Null at the highest.")
    inactivity = InactivitySerializer()
    kinds = KindSerializer(many=True)
    helps = HelpSerializer(many=True, help_text="What would raise the score now, the best first.")
    events = ReputationEventSerializer(many=True, help_text="The newest 50, each from the score of the one after it.")


class BoardQuery(StrictSerializer):
    group = UUIDTextField(required=False, help_text="Only this group's members; you must be one of them.")


class TopScoreSerializer(serializers.Serializer[Any]):
    rank = serializers.IntegerField(help_text="Equal scores share one; who hides the score is counted.")
    user = PartySerializer()
    score = points()


class OwnStandingSerializer(serializers.Serializer[Any]):
    """One's own present score, and where it stands among those counted."""

    score = points(allow_null=True)
    rank = serializers.IntegerField(allow_null=True, help_text="Null before the first count, or for no member.")
    people = serializers.IntegerField(help_text="How many are ranked.")


class BoardSerializer(serializers.Serializer[Any]):
    as_of = serializers.DateTimeField(allow_null=True, help_text="When people were last counted; null: not yet.")
    results = TopScoreSerializer(many=True, help_text="The first 50, but for those who hide their score.")
    me = OwnStandingSerializer()
