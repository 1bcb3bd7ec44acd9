"""food-posts: browsing, sharing, editing, withdrawing and claiming."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from foodshare.api.exchanges import ExchangeSerializer, shown_exchange
from foodshare.api.filters import TimestampFilter
from foodshare.api.idempotency import IdempotentWrites
from foodshare.api.requests import person_of
from foodshare.api.serializers import (
    PartySerializer,
    PostStatusField,
    StrictSerializer,
    UniqueChoices,
    UUIDTextField,
    has_visible_text,
)
from foodshare.exceptions import Forbidden
from foodshare.models import Allergen, Category, DietaryTag, FoodPost, PostStatus
from foodshare.models.exchanges import notes_shown_to
from foodshare.models.posts import FoodPostQuerySet
from foodshare.services import exchanges, posts

FURTHEST_PICKUP = timedelta(days=30)
OLDEST_BEST_BEFORE, FURTHEST_BEST_BEFORE = timedelta(days=365), timedelta(days=3650)


class FoodPostSerializer(serializers.ModelSerializer[FoodPost]):
    """A post as its reader may see it."""

    status = PostStatusField()
    author = PartySerializer(read_only=True)
    group = serializers.UUIDField(source="group_id", read_only=True, allow_null=True)
    neighborhood = serializers.UUIDField(source="neighborhood_id", read_only=True, allow_null=True)
    handover_notes = serializers.CharField(source="shown_notes", read_only=True, allow_null=True,
                                           help_text="Null but for the author and the person who holds the post.")

    class Meta:
        model = FoodPost
        fields = ["id", "title", "description", "category", "quantity", "allergens", "dietary_tags", "best_before",
                  "pickup_time", "status", "sharing_mode", "group", "neighborhood", "author", "handover_notes",
                  "created_at"]
        read_only_fields = fields


class OnePostSerializer(FoodPostSerializer):
    """A post by itself; `context["user"]` is who looks."""

    claims_open_at = serializers.SerializerMethodField(
        help_text="From when you may claim it, where the group lets trusted people go first; null: now.")

    class Meta(FoodPostSerializer.Meta):
        fields = [*FoodPostSerializer.Meta.fields, "claims_open_at"]
        read_only_fields = fields

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_claims_open_at(self, post: FoodPost) -> str | None:
        user = self.context["user"]
        opening = None if post.author_id == user.pk else exchanges.claims_open_at(post, user)
        return serializers.DateTimeField().to_representation(opening) if opening else None


class PostChanges(StrictSerializer):
    """What an author may say and change about a post."""

    title = serializers.CharField(max_length=255, validators=[has_visible_text])
    description = serializers.CharField(max_length=5000, allow_blank=True, required=False)
    category = serializers.ChoiceField(Category.choices, required=False)
    quantity = serializers.CharField(max_length=100, allow_blank=True, required=False)
    allergens = UniqueChoices(Allergen)
    dietary_tags = UniqueChoices(DietaryTag)
    best_before = serializers.DateField(allow_null=True, required=False)
    pickup_time = serializers.DateTimeField(help_text="Until when it can be picked up; at most 30 days ahead.")
    handover_notes = serializers.CharField(max_length=2000, allow_blank=True, required=False)

    def validate_pickup_time(self, value: datetime) -> datetime:
        if not timezone.now() < value <= timezone.now() + FURTHEST_PICKUP:
            raise serializers.ValidationError(f"Must be in the future and at most {FURTHEST_PICKUP.days} days ahead.")
        return value

    def validate_best_before(self, value: Any) -> Any:
        today = timezone.now().date()
        if value and not today - OLDEST_BEST_BEFORE <= value <= today + FURTHEST_BEST_BEFORE:
            raise serializers.ValidationError("Must be at most a year ago and at most ten years ahead.")
        return value


class NewPost(PostChanges):
    group = UUIDTextField(source="group_id", allow_null=True, required=False,
                          help_text="Needed in community mode: one of your groups.")


class FoodPostFilter(filters.FilterSet):
    """With neither `status` nor `mine`, only what can still be claimed; `mine` shows every status."""

    group = filters.UUIDFilter(field_name="group_id", label="Id of a group.")
    category = filters.ChoiceFilter(choices=Category.choices)
    status = filters.ChoiceFilter(choices=PostStatus.choices, method="with_status",
                                  label="Default: available. Available means that the pickup time has not passed.")
    q = filters.CharFilter(method="with_text", max_length=100, label="Text in title or description, in any case.")
    pickup_after = TimestampFilter(field_name="pickup_time", lookup_expr="gte")
    pickup_before = TimestampFilter(field_name="pickup_time", lookup_expr="lte")
    mine = filters.ChoiceFilter(choices=[("true", "true"), ("false", "false")], method="unchanged",
                                label="Your own posts, in any mode.")

    class Meta:
        model = FoodPost
        fields: list[str] = []

    def filter_queryset(self, queryset: FoodPostQuerySet) -> FoodPostQuerySet:
        queryset = super().filter_queryset(queryset)
        given = self.form.cleaned_data
        if not given["status"] and given["mine"] != "true":
            return self.with_status(queryset, "status", PostStatus.AVAILABLE)
        return queryset

    def with_status(self, queryset: FoodPostQuerySet, name: str, value: str) -> FoodPostQuerySet:
        if value == PostStatus.EXPIRED:
            return queryset.expired()
        return queryset.open_now() if value == PostStatus.AVAILABLE else queryset.filter(status=value)

    def with_text(self, queryset: FoodPostQuerySet, name: str, value: str) -> FoodPostQuerySet:
        return queryset.with_text(value)

    def unchanged(self, queryset: FoodPostQuerySet, name: str, value: str) -> FoodPostQuerySet:
        """`mine` chooses the queryset to begin with: see FoodPostViewSet.get_queryset."""
        return queryset


class FoodPostViewSet(IdempotentWrites, ListModelMixin, RetrieveModelMixin, GenericViewSet[FoodPost]):
    """Food on offer, newest first."""

    queryset = FoodPost.objects.none()  # what it lists is in get_queryset
    filterset_class = FoodPostFilter

    def get_queryset(self) -> FoodPostQuerySet:
        user = person_of(self.request)
        shown = FoodPost.objects.annotate(shown_notes=notes_shown_to(user)).select_related("author")
        if self.action != "list":
            return shown.reachable_by(user)
        return shown.owned_by(user) if self.request.query_params.get("mine") == "true" else shown.listed_for(user)

    def get_serializer_class(self) -> type[FoodPostSerializer]:
        return FoodPostSerializer if self.action == "list" else OnePostSerializer

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "user": self.request.user}

    def filter_queryset(self, queryset: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
        """Filters, the default one among them, are for the list: an id finds a post of any status."""
        return super().filter_queryset(queryset) if self.action == "list" else queryset

    def own(self) -> FoodPost:
        """The post of the address. Raises Forbidden when it is another's."""
        post = self.get_object()
        if post.author_id != self.request.user.pk:
            raise Forbidden("Only the author may do this.")
        return post

    def shown(self, post: FoodPost, status: int = 200) -> Response:
        """The answer with the post as it is now."""
        return Response(self.get_serializer(self.get_queryset().get(pk=post.pk)).data, status=status)

    @extend_schema(request=NewPost, responses={201: OnePostSerializer})
    def create(self, request: Request) -> Response:
        """Share food, in your present mode."""
        given = NewPost.checked(request.data)
        return self.shown(posts.share(person_of(request), **given), status=201)

    @extend_schema(request=PostChanges(partial=True), responses=OnePostSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change your post while it is available."""
        post = self.own()
        return self.shown(posts.edit(post, **PostChanges.checked(request.data, partial=True)))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Withdraw your post."""
        posts.withdraw(self.own(), person_of(request))
        return Response(status=204)

    @extend_schema(request=None, responses=OnePostSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Withdraw your post, and see it."""
        return self.shown(posts.withdraw(self.own(), person_of(request)))

    @extend_schema(request=None, responses={201: ExchangeSerializer})
    @action(detail=True, methods=["post"])
    def claim(self, request: Request, pk: str) -> Response:
        """Reserve the post for yourself."""
        user = person_of(request)
        exchange = exchanges.claim(self.get_object(), user)
        return Response(shown_exchange(exchange.pk, user), status=201)
