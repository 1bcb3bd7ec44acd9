"""What others think of a person."""

from decimal import Decimal

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.generics import RetrieveAPIView

from reputation.models import UserGlobalReputation
from reputation.queries import food_average, recipient_average
from reputation.services import reputation_of

Average = serializers.DecimalField(max_digits=3, decimal_places=2, allow_null=True)


class ReputationSerializer(serializers.ModelSerializer[UserGlobalReputation]):
    """A person's row without reports and bookkeeping.

    An average is the Bayesian mean (prior 4.0, weight 5) of the ratings that both sides may see already, and
    null until three people have given such ratings; the row's own columns hold plain means.
    """

    avg_food_rating = serializers.SerializerMethodField()
    avg_recipient_rating = serializers.SerializerMethodField()

    class Meta:
        model = UserGlobalReputation
        fields = (
            "user", "overall_score", "trust_level", "total_food_shared", "total_food_claimed",
            "total_exchanges_completed", "total_groups_participated", "avg_food_rating", "avg_recipient_rating",
            "reliability_score", "community_contributions", "account_age_days", "last_activity", "peak_reputation",
            "reputation_trend", "reputation_updated_at",
        )

    @extend_schema_field(Average)
    def get_avg_food_rating(self, row: UserGlobalReputation) -> str | None:
        return as_text(food_average(row.user_id))

    @extend_schema_field(Average)
    def get_avg_recipient_rating(self, row: UserGlobalReputation) -> str | None:
        return as_text(recipient_average(row.user_id))


def as_text(average: Decimal | None) -> str | None:
    """As the API writes every decimal."""
    return None if average is None else str(average)


class ReputationView(RetrieveAPIView[UserGlobalReputation]):
    """A person's reputation over all groups."""

    queryset = UserGlobalReputation.objects.all()
    serializer_class = ReputationSerializer

    def get_object(self) -> UserGlobalReputation:
        return reputation_of(self.kwargs["id"])
