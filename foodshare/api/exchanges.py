"""exchanges: following one's claims and gifts to their end, and rating them."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from foodshare.api.idempotency import IdempotentWrites
from foodshare.api.requests import person_of
from foodshare.api.serializers import PartySerializer, PostStatusField, StrictSerializer
from foodshare.models import Exchange, ExchangeStatus, FoodPost, Rating, User
from foodshare.models.exchanges import ExchangeQuerySet
from foodshare.services import exchanges, ratings

ROLES = [("giver", "giver"), ("recipient", "recipient")]


class RatingSerializer(serializers.ModelSerializer[Rating]):
    class Meta:
        model = Rating
        fields = ["stars", "comment", "created_at", "updated_at"]
        read_only_fields = fields


class ExchangedPostSerializer(serializers.ModelSerializer[FoodPost]):
    status = PostStatusField()

    class Meta:
        model = FoodPost
        fields = ["id", "title", "status", "pickup_time"]
        read_only_fields = fields


class ExchangeSerializer(serializers.ModelSerializer[Exchange]):
    """An exchange as one of its two sides sees it; `context["user"]` is who looks."""

    role = serializers.SerializerMethodField()
    post = ExchangedPostSerializer(source="food", read_only=True)
    giver = PartySerializer(source="food.author", read_only=True)
    recipient = PartySerializer(read_only=True)
    handover_notes = serializers.SerializerMethodField()
    cancelled_by = serializers.UUIDField(source="cancelled_by_id", read_only=True, allow_null=True)
    disputed_by = serializers.UUIDField(source="disputed_by_id", read_only=True, allow_null=True)
    own_rating = serializers.SerializerMethodField()
    other_rating = serializers.SerializerMethodField()

    class Meta:
        model = Exchange
        fields = ["id", "status", "role", "post", "giver", "recipient", "handover_notes", "created_at",
                  "recipient_confirmed_at", "giver_confirmed_at", "completed_at",
                  "cancelled_at", "cancelled_by", "cancel_reason",
                  "disputed_at", "disputed_by", "dispute_reason", "resolved_at", "resolution",
                  "own_rating", "other_rating"]
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(ROLES))
    def get_role(self, exchange: Exchange) -> str:
        return "recipient" if exchange.recipient_id == self.context["user"].pk else "giver"

    def get_handover_notes(self, exchange: Exchange) -> str | None:
        """Null once the exchange is cancelled, but for the giver who wrote them."""
        hidden = exchange.status == ExchangeStatus.CANCELLED and self.get_role(exchange) == "recipient"
        return None if hidden else exchange.food.handover_notes

    @extend_schema_field(RatingSerializer(allow_null=True))
    def get_own_rating(self, exchange: Exchange) -> dict[str, Any] | None:
        return self.rating(exchange, lambda rating: rating.rater_id == self.context["user"].pk)

    @extend_schema_field(RatingSerializer(allow_null=True))
    def get_other_rating(self, exchange: Exchange) -> dict[str, Any] | None:
        """Null until both sides have rated, or 14 days after completion."""
        return self.rating(exchange, lambda rating: rating.rater_id != self.context["user"].pk)

    def rating(self, exchange: Exchange, wanted: Callable[[Rating], bool]) -> dict[str, Any] | None:
        """The first wanted one of the ratings that `shown_exchanges` let through."""
        found = next(filter(wanted, exchange.ratings.all()), None)
        return dict(RatingSerializer(found).data) if found else None


def shown_exchanges(user: User) -> ExchangeQuerySet:
    """The person's exchanges with all that ExchangeSerializer shows, in two queries; hidden ratings stay away."""
    shown = Prefetch("ratings", Rating.objects.shown_to(user))
    return Exchange.objects.select_related("food__author", "recipient").prefetch_related(shown)


def shown_exchange(exchange_id: UUID, user: User) -> dict[str, Any]:
    """The exchange as it is now, as `user` sees it."""
    exchange = shown_exchanges(user).get(pk=exchange_id)
    return dict(ExchangeSerializer(exchange, context={"user": user}).data)


class Reason(StrictSerializer):
    """Why one cancels or disputes."""

    reason = serializers.CharField(max_length=1000)


class OptionalReason(StrictSerializer):
    reason = serializers.CharField(max_length=1000, allow_blank=True, default="")


class Stars(StrictSerializer):
    """A rating of the other side."""

    stars = serializers.IntegerField(min_value=1, max_value=5)
    comment = serializers.CharField(max_length=1000, allow_blank=True, default="")


class ExchangeFilter(filters.FilterSet):
    status = filters.ChoiceFilter(choices=ExchangeStatus.choices)
    role = filters.ChoiceFilter(choices=ROLES, method="unchanged", label="Your side; both when not given.")

    class Meta:
        model = Exchange
        fields: list[str] = []

    def unchanged(self, queryset: QuerySet[Exchange], name: str, value: str) -> QuerySet[Exchange]:
        """`role` chooses the queryset to begin with: see ExchangeViewSet.get_queryset."""
        return queryset


class ExchangeViewSet(IdempotentWrites, ListModelMixin, RetrieveModelMixin, GenericViewSet[Exchange]):
    """The exchanges you give or receive in, newest first."""

    queryset = Exchange.objects.none()  # what it lists is in get_queryset
    serializer_class = ExchangeSerializer
    filterset_class = ExchangeFilter

    @property
    def user(self) -> User:
        return person_of(self.request)

    def get_queryset(self) -> ExchangeQuerySet:
        shown = shown_exchanges(self.user)
        role = self.request.query_params.get("role") if self.action == "list" else None
        side = {"giver": shown.given_by, "recipient": shown.received_by}.get(role or "", shown.involving)
        return side(self.user)

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "user": self.request.user}

    def shown(self, exchange: Exchange) -> Response:
        return Response(shown_exchange(exchange.pk, self.user))

    @extend_schema(request=None, responses=ExchangeSerializer)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, pk: str) -> Response:
        """As the giver, agree to hand over. The recipient's claim was the recipient's confirmation."""
        return self.shown(exchanges.confirm(self.get_object(), self.user))

    @extend_schema(request=None, responses=ExchangeSerializer)
    @action(detail=True, methods=["post"])
    def complete(self, request: Request, pk: str) -> Response:
        """Say that the food changed hands."""
        return self.shown(exchanges.complete(self.get_object(), self.user))

    @extend_schema(request=OptionalReason, responses=ExchangeSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Give up before the food changed hands; the post is on offer again."""
        given = OptionalReason.checked(request.data)
        return self.shown(exchanges.cancel(self.get_object(), self.user, **given))

    @extend_schema(request=Reason, responses=ExchangeSerializer)
    @action(detail=True, methods=["post"])
    def dispute(self, request: Request, pk: str) -> Response:
        """Say what went wrong; a moderator resolves it."""
        given = Reason.checked(request.data)
        return self.shown(exchanges.dispute(self.get_object(), self.user, **given))

    @extend_schema(request=Stars, responses=ExchangeSerializer)
    @action(detail=True, methods=["post"])
    def rate(self, request: Request, pk: str) -> Response:
        """Rate the other side of a completed exchange; again within 24 hours, while it is hidden, replaces it."""
        given = Stars.checked(request.data)
        exchange = self.get_object()
        ratings.rate(exchange, self.user, **given)
        return self.shown(exchange)
