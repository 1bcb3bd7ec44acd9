"""What others think of a person."""

from decimal import Decimal

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.generics import RetrieveAPIView

from reputation.models import UserGlobalReputation
from reputation.queries import is_rated_enough, raters_of_food, raters_of_recipient

Average = serializers.DecimalField(max_digits=3, decimal_places=2, allow_null=True)


class ReputationSerializer(serializers.ModelSerializer[UserGlobalReputation]):
    """A person's row without reports and bookkeeping; an average is null until three people have rated."""

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
        return shown(row.avg_food_rating, is_rated_enough(raters_of_food(row.user_id)))

    @extend_schema_field(Average)
    def get_avg_recipient_rating(self, row: UserGlobalReputation) -> str | None:
        return shown(row.avg_recipient_rating, is_rated_enough(raters_of_recipient(row.user_id)))


def shown(average: Decimal | None, rated_enough: bool) -> str | None:
    """The average as a decimal text; zero means that it was not worked out yet."""
    return str(average) if average and rated_enough else None


class ReputationView(RetrieveAPIView[UserGlobalReputation]):
    """A person's reputation over all groups."""

    queryset = UserGlobalReputation.objects.all()
    serializer_class = ReputationSerializer
    lookup_url_kwarg = "id"
