"""The admin of reputation: the ledger, its projection and the streams' checkpoints, all read-only but for what
moderators record and reverse, and what they should look at."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from foodshare.admin.base import ConditionFilter, PlatformAdmin
from foodshare.admin.decisions import Decision, ModeratedAdmin, action
from foodshare.models import User
from reputation import services, violations
from reputation.models import (
    EventStreamCheckpoint,
    ReputationEvent,
    ReputationPrivacy,
    ReputationRanking,
    TrustViolation,
    UserGlobalReputation,
)


class NoteForm(forms.Form):
    note = forms.CharField(max_length=2000, required=False, widget=UnfoldAdminTextareaWidget(),
                           help_text="What you found, for other moderators.")


class WhyForm(forms.Form):
    reason = forms.CharField(max_length=1000, widget=UnfoldAdminTextareaWidget(), help_text="Kept with the event.")


class EventForm(WhyForm):
    kind = forms.ChoiceField(widget=UnfoldAdminSelectWidget(), choices=[
        ("", "Choose…"), ("community_help", "Help in the community"), ("spam_report", "A report of spam, upheld"),
        ("safety_violation", "A violation of safety, upheld"), ("adjustment", "An adjustment"),
    ])
    points = forms.DecimalField(required=False, min_value=-services.MOST_POINTS, max_value=services.MOST_POINTS,
                                decimal_places=2, widget=UnfoldAdminDecimalFieldWidget(),
                                help_text="Only of an adjustment; the others have their own.")
    field_order = ("kind", "points", "reason")


def record(row: UserGlobalReputation, moderator: User, **answers: Any) -> None:
    services.record(row.user, moderator, **answers)


RECORD = Decision("record", "Record an event of these people", "recorded", record, EventForm)
REVERSE = Decision("reverse", "Have these events count for nothing?", "reversed", services.reverse, WhyForm)
REVIEW = Decision("review", "Mark these as reviewed?", "reviewed", violations.review, NoteForm)
TRUST_LEVELS = ("concerning", "developing", "established", "trusted", "exemplary")


class TrustLevelFilter(ConditionFilter):
    """Served by idx_users_reputation_active."""

    title = "trust level"
    parameter_name = "trust_level"
    conditions: ClassVar = {level: (level.capitalize(), Q(trust_level=level)) for level in TRUST_LEVELS}


@admin.register(UserGlobalReputation)
class UserGlobalReputationAdmin(ModeratedAdmin):
    """In the order of idx_users_reputation_active: within a level the lowest score comes first."""

    ordering = ("trust_level", "overall_score", "last_activity", "user_id")
    list_display = ("user", "trust_level", "overall_score", "total_exchanges_completed", "reported_incidents",
                    "reputation_trend", "last_activity")
    list_select_related = ("user",)
    list_filter = (TrustLevelFilter,)
    search_fields = ("user_id", "user__email")
    search_help_text = "The person's e-mail address or whole id"
    actions = ("record",)
    actions_detail = ("record",)

    def describe(self, row: UserGlobalReputation) -> str:
        return f"{row.user}, {row}"

    @action(description="Record an event", permissions=["moderate"], icon="add_task")
    def record(self, request: HttpRequest, queryset: QuerySet[UserGlobalReputation] | None = None,
               object_id: str | None = None) -> HttpResponse:
        return self.decide(request, RECORD, queryset, object_id)


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
class ReputationEventAdmin(ModeratedAdmin):
    """The ledger, in the order of idx_reputation_events_user_recent."""

    ordering = ("user_id", "-created_at", "-id")
    list_display = ("user", "event_type", "impact_score", "previous_score", "new_score", "group", "created_at")
    list_select_related = ("user", "group")
    link_lookups = ("user__id__exact",)
    search_fields = ("id", "user_id", "group_id", "user__email")
    search_help_text = "The person's e-mail address, or the whole id of an event, person or group"
    actions = ("reverse",)
    actions_detail = ("reverse",)

    def describe(self, row: ReputationEvent) -> str:
        return f"{row}, {row.user or 'nobody'}"

    @action(description="Reverse", permissions=["moderate"], icon="undo")
    def reverse(self, request: HttpRequest, queryset: QuerySet[ReputationEvent] | None = None,
                object_id: str | None = None) -> HttpResponse:
        return self.decide(request, REVERSE, queryset, object_id)

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


class WaitingFilter(ConditionFilter):
    """Served by trust_violations_queue_idx."""

    title = "review"
    parameter_name = "review"
    conditions: ClassVar = {"waiting": ("Waits for review", Q(reviewed_at__isnull=True))}


@admin.register(TrustViolation)
class TrustViolationAdmin(ModeratedAdmin):
    """What nobody has reviewed comes first, the newest on top, in the order of trust_violations_queue_idx."""

    ordering = ("-reviewed_at", "-created_at", "-id")
    list_display = ("kind", "user", "created_at", "reviewed_at", "reviewed_by")
    list_select_related = ("user", "reviewed_by")
    list_filter = (WaitingFilter,)
    link_lookups = ("user__id__exact",)
    search_fields = ("id", "user_id", "user__email")
    search_help_text = "The person's e-mail address, or the whole id of a violation or person"
    readonly_fields = ("evidence",)
    actions = ("review",)
    actions_detail = ("review",)
    fieldsets = (
        (None, {"fields": ("kind", "user", "evidence", "created_at")}),
        ("Review", {"fields": ("reviewed_at", "reviewed_by", "note")}),
        ("Record", {"fields": ("processed_at", "stream_id", "id")}),
    )

    @admin.display(description="evidence")
    def evidence(self, violation: TrustViolation) -> SafeString:
        """Each of the details on a line of its own, people and exchanges with links."""
        details = {**violation.details, "people": people_of(violation), "exchanges": exchanges_of(violation)}
        return format_html_join("", "<p><b>{}</b>: {}</p>", (
            (name.capitalize(), value) for name, value in details.items() if value != ""))

    def describe(self, row: TrustViolation) -> str:
        return f"{row.kind}, {row.user or 'nobody'}"

    def offers(self, request: HttpRequest, row: TrustViolation, action: str) -> bool:
        return row.reviewed_at is None

    @action(description="Mark as reviewed", permissions=["moderate"], icon="task_alt")
    def review(self, request: HttpRequest, queryset: QuerySet[TrustViolation] | None = None,
               object_id: str | None = None) -> HttpResponse:
        return self.decide(request, REVIEW, queryset, object_id)


def people_of(violation: TrustViolation) -> SafeString:
    """Links to the people, by name."""
    people = User.objects.filter(pk__in=violation.details.get("people", [])).order_by("pk")
    return links("foodshare_user", [(str(person.pk), person.name) for person in people])


def exchanges_of(violation: TrustViolation) -> SafeString:
    return links("foodshare_exchange", [(key, key[:8]) for key in violation.details.get("exchanges", [])])


def links(model: str, rows: list[tuple[str, str]]) -> SafeString:
    return format_html_join(", ", '<a class="text-link" href="{}">{}</a>', (
        (reverse(f"admin:{model}_change", args=[key]), text) for key, text in rows))
