"""The admin of reputation: the ledger, its projection and the streams' checkpoints, all read-only."""

from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path

from foodshare.admin.base import ConditionFilter, PlatformAdmin
from reputation.models import (
    EventStreamCheckpoint,
    ReputationEvent,
    ReputationPrivacy,
    ReputationRanking,
    UserGlobalReputation,
)

TRUST_LEVELS = ("concerning", "developing", "established", "trusted", "exemplary")


class TrustLevelFilter(ConditionFilter):
    """Served by idx_users_reputation_active."""

    title = "trust level"
    parameter_name = "trust_level"
    conditions: ClassVar = {level: (level.capitalize(), Q(trust_level=level)) for level in TRUST_LEVELS}


@admin.register(UserGlobalReputation)
class UserGlobalReputationAdmin(PlatformAdmin):
    """In the order of idx_users_reputation_active: within a level the lowest score comes first."""

    ordering = ("trust_level", "overall_score", "last_activity", "user_id")
    list_display = ("user", "trust_level", "overall_score", "total_exchanges_completed", "reported_incidents",
                    "reputation_trend", "last_activity")
    list_select_related = ("user",)
    list_filter = (TrustLevelFilter,)
    search_fields = ("user_id", "user__email")
    search_help_text = "The person's e-mail address or whole id"


@admin.register(ReputationPrivacy)
class ReputationPrivacyAdmin(PlatformAdmin):
    """What people show of their reputation; who has no row shows all."""

    ordering = ("user_id",)
    list_display = ("user", "show_score", "show_level", "show_statistics", "show_trend")
    list_select_related = ("user",)
    search_fields = ("user_id", "user__email")
    search_help_text = "The person's e-mail address or whole id"


@admin.register(ReputationRanking)
class ReputationRankingAdmin(PlatformAdmin):
    """When people were last ranked: all of them (the zero id), and the members of each group."""

    ordering = ("scope",)
    list_display = ("scope", "people", "as_of")
    search_fields = ("scope",)
    search_help_text = "The group's whole id"


@admin.register(ReputationEvent)
class ReputationEventAdmin(PlatformAdmin):
    """The ledger, in the order of idx_reputation_events_user_recent."""

    ordering = ("user_id", "-created_at", "-id")
    list_display = ("user", "event_type", "impact_score", "previous_score", "new_score", "group", "created_at")
    list_select_related = ("user", "group")
    link_lookups = ("user__id__exact",)
    search_fields = ("id", "user_id", "group_id", "user__email")
    search_help_text = "The person's e-mail address, or the whole id of an event, person or group"

    def get_urls(self) -> list[Any]:
        return [path("checkpoints/", self.admin_site.admin_view(self.checkpoints),
                     name="reputation_eventstreamcheckpoint"), *super().get_urls()]

    def checkpoints(self, request: HttpRequest) -> HttpResponse:
        """How far each consumer group is; a table with a composite key cannot have an admin of its own."""
        if not request.user.has_perm("reputation.view_eventstreamcheckpoint"):
            raise PermissionDenied
        rows = EventStreamCheckpoint.objects.order_by("consumer_group", "stream_name")[:self.list_per_page]
        return TemplateResponse(request, "reputation/admin/checkpoints.html", {
            **self.admin_site.each_context(request), "title": "Stream checkpoints", "table": {
                "headers": ["Consumer group", "Stream", "Last processed", "At", "Lag (s)"],
                "rows": [[row.consumer_group, row.stream_name, row.last_processed_id, row.processed_at,
                          row.lag_seconds] for row in rows]}})
