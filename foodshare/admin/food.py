"""Posts, exchanges and ratings."""

from typing import ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse

from foodshare.admin.base import ConditionFilter, PlatformAdmin
from foodshare.admin.decisions import Decision, ModeratedAdmin, ResolutionForm, action
from foodshare.models import Exchange, ExchangeStatus, FoodPost, PostStatus, Rating
from foodshare.services import exchanges, posts

WITHDRAW = Decision("withdraw", "Withdraw these posts?", "withdrawn", posts.withdraw)
RESOLVE = Decision("resolve", "Resolve these disputes", "resolved", exchanges.resolve, ResolutionForm)


class OnOfferFilter(ConditionFilter):
    """Served by the partial indexes on available posts."""

    title = "status"
    parameter_name = "status"
    conditions: ClassVar = {"available": ("Available", Q(status="available"))}


class DisputedFilter(ConditionFilter):
    """Served by exchanges_created_at_id_disputed_idx."""

    title = "status"
    parameter_name = "status"
    conditions: ClassVar = {"disputed": ("Disputed", Q(status="disputed"))}


@admin.register(FoodPost)
class FoodPostAdmin(ModeratedAdmin):
    ordering = ("-created_at", "-id")
    list_display = ("title", "author", "status", "sharing_mode", "group", "building", "pickup_time", "created_at")
    list_select_related = ("author", "group", "building")
    list_filter = (OnOfferFilter,)
    link_lookups = ("author__id__exact", "group__id__exact")
    search_fields = ("id", "author_id", "group_id", "author__email")
    search_help_text = "The author's e-mail address, or the whole id of a post, author or group"
    actions = ("withdraw",)
    actions_detail = ("withdraw",)

    def describe(self, row: FoodPost) -> str:
        return f"{row.title}, by {row.author}"

    def offers(self, request: HttpRequest, row: FoodPost, action: str) -> bool:
        return row.status == PostStatus.AVAILABLE

    @action(description="Withdraw", permissions=["moderate"], icon="block")
    def withdraw(self, request: HttpRequest, queryset: QuerySet[FoodPost] | None = None,
                 object_id: str | None = None) -> HttpResponse:
        return self.decide(request, WITHDRAW, queryset, object_id)


@admin.register(Exchange)
class ExchangeAdmin(ModeratedAdmin):
    ordering = ("-created_at", "-id")
    list_display = ("food", "giver", "recipient", "status", "dispute_reason", "created_at")
    list_select_related = ("food__author", "recipient")
    list_filter = (DisputedFilter,)
    link_lookups = ("recipient__id__exact",)
    search_fields = ("id", "food_id", "recipient_id", "recipient__email", "food__author__email")
    search_help_text = "The e-mail address of either side, or the whole id of an exchange, post or recipient"
    readonly_fields = ("giver",)
    actions = ("resolve",)
    actions_detail = ("resolve",)
    fieldsets = (
        (None, {"fields": ("food", "giver", "recipient", "status")}),
        ("Dispute", {"fields": ("dispute_reason", "disputed_by", "disputed_at", "resolution", "resolved_by",
                                "resolved_at")}),
        ("Life", {"fields": ("created_at", "recipient_confirmed_at", "giver_confirmed_at", "completed_at",
                             "cancelled_at", "cancelled_by", "cancel_reason", "id")}),
    )

    @admin.display()
    def giver(self, exchange: Exchange) -> str:
        return str(exchange.food.author)

    def describe(self, row: Exchange) -> str:
        return f"{row.food}, from {row.food.author} to {row.recipient}: {row.dispute_reason or row.status}"

    def offers(self, request: HttpRequest, row: Exchange, action: str) -> bool:
        return row.status == ExchangeStatus.DISPUTED

    @action(description="Resolve dispute", permissions=["moderate"], icon="gavel")
    def resolve(self, request: HttpRequest, queryset: QuerySet[Exchange] | None = None,
                object_id: str | None = None) -> HttpResponse:
        return self.decide(request, RESOLVE, queryset, object_id)


@admin.register(Rating)
class RatingAdmin(PlatformAdmin):
    ordering = ("exchange_id", "id")
    list_display = ("exchange", "rater", "stars", "comment", "created_at", "revealed_at")
    list_select_related = ("exchange", "rater")
    search_fields = ("id", "exchange_id", "rater_id", "rater__email")
    search_help_text = "The rater's e-mail address, or the whole id of a rating, exchange or rater"
