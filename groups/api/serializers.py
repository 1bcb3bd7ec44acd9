"""What the API shows and takes of groups."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from foodshare.api.serializers import KnownFieldsOnly, PartySerializer, has_visible_text
from groups.models import CommunityGroup, GroupActivitySummary, GroupType, Membership
from groups.models.communities import CLAIM_DELAYS


class OwnMembershipSerializer(serializers.ModelSerializer[Membership]):
    class Meta:
        model = Membership
        fields = ("state", "role")


class GroupSerializer(serializers.ModelSerializer[CommunityGroup]):
    """A group, with the reader's own membership (null for none)."""

    membership = serializers.SerializerMethodField()

    class Meta:
        model = CommunityGroup
        fields = ("id", "name", "group_type", "description", "city", "verification_required", "telegram_group_id",
                  "admin_user_id", "member_count", *CLAIM_DELAYS, "membership", "created_at")

    @extend_schema_field(OwnMembershipSerializer(allow_null=True))
    def get_membership(self, group: Any) -> Any:
        own = next(iter(group.own_memberships), None)  # prefetched by groups_for
        return own and OwnMembershipSerializer(own).data


class NewGroupSerializer(KnownFieldsOnly, serializers.ModelSerializer[CommunityGroup]):
    group_type = serializers.ChoiceField(GroupType.choices, help_text="The mode it shares in, which must be yours.")
    description = serializers.CharField(max_length=5000, allow_blank=True, required=False)
    verification_required = serializers.BooleanField(
        default=False, help_text="Whether the group's admin approves who joins.")

    class Meta:
        model = CommunityGroup
        fields = ("name", "group_type", "description", "city", "verification_required", "telegram_group_id")
        # That it is unique is the service's rule, and a conflict.
        extra_kwargs: ClassVar[dict[str, Any]] = {"telegram_group_id": {"validators": []},
                                                  "name": {"validators": [has_visible_text]}}


class GroupChangesSerializer(KnownFieldsOnly, serializers.ModelSerializer[CommunityGroup]):
    """What a group's admin may change. Exemplary people never wait for a fresh post; 0 minutes: nobody does.

    Trusted people wait no longer than others, and people of concern no less.
    """

    description = serializers.CharField(max_length=5000, allow_blank=True, required=False)

    class Meta:
        model = CommunityGroup
        fields = ("name", "description", *CLAIM_DELAYS)
        extra_kwargs: ClassVar[dict[str, Any]] = {"name": {"validators": [has_visible_text]}}


class MemberSerializer(serializers.ModelSerializer[Membership]):
    """A person in a group, since `created_at`."""

    name = serializers.CharField(source="user.name")
    image = serializers.CharField(source="user.image", allow_null=True)

    class Meta:
        model = Membership
        fields = ("user_id", "name", "image", "role", "state", "created_at")


class DiscoveredGroupSerializer(serializers.ModelSerializer[GroupActivitySummary]):
    """A group's last 30 days, as of the last refresh of the summary (hourly)."""

    city = serializers.CharField(source="group.city")
    member_count = serializers.IntegerField(source="group.member_count", help_text="The group's active members.")
    active_members = serializers.IntegerField(
        help_text="Everyone in community mode on the whole platform; the group's own number is member_count.")
    active_members_scope = serializers.SerializerMethodField()

    class Meta:
        model = GroupActivitySummary
        fields = ("group_id", "group_name", "group_type", "city", "member_count", "active_members",
                  "active_members_scope", "food_posts_30d", "successful_exchanges_30d", "last_food_post")

    @extend_schema_field(serializers.ChoiceField(["platform"]))
    def get_active_members_scope(self, summary: GroupActivitySummary) -> str:
        return "platform"


class GroupSummarySerializer(DiscoveredGroupSerializer):
    """One group's summary; zeros and `refreshed: false` for a group founded after the last refresh."""

    avg_rating = serializers.DecimalField(
        source="shown_average", max_digits=3, decimal_places=2, allow_null=True, read_only=True,
        help_text="Bayesian mean (prior 4.0, weight 5) of the period's ratings that both sides may see already; "
                  "null until three people have given such ratings.")
    refreshed = serializers.BooleanField()

    class Meta(DiscoveredGroupSerializer.Meta):
        fields = (*DiscoveredGroupSerializer.Meta.fields, "avg_rating", "refreshed")  # type: ignore[assignment]


class LeaderSerializer(serializers.Serializer[Any]):
    """A member's last 30 days in the group."""

    rank = serializers.IntegerField(allow_null=True, help_text="Equal members share one; null for who did nothing.")
    user = PartySerializer(source="*")
    shared = serializers.IntegerField(help_text="Posts shared, those withdrawn not among them.")
    completed = serializers.IntegerField(help_text="Exchanges completed of the period's posts, on either side.")


class LeaderboardSerializer(serializers.Serializer[Any]):
    results = LeaderSerializer(many=True)
    me = LeaderSerializer(help_text="The reader's own place, among the results or not.")
