"""What the machinery keeps: outbox, idempotency keys, tokens, jobs, the admin's log, and the staff's roles."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from knox.models import AuthToken
from procrastinate.contrib.django.models import ProcrastinateJob

from foodshare.admin.base import ConditionFilter, PlatformAdmin
from foodshare.admin.decisions import Decision, ModeratedAdmin, action
from foodshare.models import IdempotencyKey, OutboxEvent
from foodshare.services import moderation, outbox

for model in (AuthToken, Group, ProcrastinateJob):
    admin.site.unregister(model)


RETRY = Decision("retry", "Try these events again?", "will be tried again", outbox.retry)
REVOKE = Decision("revoke", "Revoke these tokens?", "revoked", moderation.revoke)


class OutboxStateFilter(ConditionFilter):
    """Each served by an index of its own."""

    title = "state"
    parameter_name = "state"
    conditions: ClassVar = {"set-aside": ("Set aside", ~Q(error="")),
                            "unpublished": ("Not published", Q(stream_id=None, error=""))}


@admin.register(OutboxEvent)
class OutboxEventAdmin(ModeratedAdmin):
    """What has not been applied yet. An event that could not be is set aside until it is tried again here."""

    ordering = ("-id",)
    list_display = ("id", "topic", "event_type", "user", "created_at", "attempts", "error")
    list_select_related = ("user",)
    list_filter = (OutboxStateFilter,)
    actions = ("retry",)
    actions_detail = ("retry",)
    search_fields = ("id", "event_id", "user_id", "user__email")
    search_help_text = "The e-mail address of whom it concerns, or the whole id of an event or person"

    def describe(self, row: OutboxEvent) -> str:
        return f"{row.event_type} of {row.user or 'nobody'}: {row.error or 'not set aside'}"

    def offers(self, request: HttpRequest, row: OutboxEvent, action: str) -> bool:
        return bool(row.error)

    @action(description="Try again", permissions=["moderate"], icon="replay")
    def retry(self, request: HttpRequest, queryset: QuerySet[OutboxEvent] | None = None,
              object_id: str | None = None) -> HttpResponse:
        return self.decide(request, RETRY, queryset, object_id)


@admin.register(IdempotencyKey)
class IdempotencyKeyAdmin(PlatformAdmin):
    ordering = ("-id",)
    list_display = ("key", "user", "status_code", "created_at")
    list_select_related = ("user",)
    search_fields = ("id", "user_id", "user__email")
    search_help_text = "The person's e-mail address, or a whole id"


@admin.register(AuthToken)
class AuthTokenAdmin(ModeratedAdmin):
    """Suspending a person, or a new password, takes all of their tokens away."""

    ordering = ("user_id", "digest")
    list_display = ("token_key", "user", "created", "expiry")
    list_select_related = ("user",)
    search_fields = ("token_key", "user__email")
    search_help_text = "The person's e-mail address, or the token's first letters as shown"
    fields = ("token_key", "user", "created", "expiry")
    actions = ("revoke",)

    def describe(self, row: AuthToken) -> str:
        return f"{row.token_key}… of {row.user}"

    @action(description="Revoke", permissions=["moderate"], icon="key_off")
    def revoke(self, request: HttpRequest, queryset: QuerySet[AuthToken]) -> HttpResponse:
        return self.decide(request, REVOKE, queryset)


@admin.register(ProcrastinateJob)
class JobAdmin(PlatformAdmin):
    ordering = ("-id",)
    list_display = ("id", "task_name", "status", "attempts", "queue_name", "scheduled_at")
    search_fields = ("id",)
    search_help_text = "A job's id"
    readonly_fields = ("events",)

    @admin.display()
    def events(self, job: ProcrastinateJob) -> SafeString:
        """The job's last fifty events."""
        last = job.procrastinateevent_set.order_by("-id")[:50]
        return format_html_join("", "{} {}<br>", ((f"{event.at:%Y-%m-%d %H:%M:%S}", event.type) for event in last))


@admin.register(LogEntry)
class LogEntryAdmin(PlatformAdmin):
    """Who did what here."""

    ordering = ("-id",)
    list_display = ("action_time", "user", "content_type", "object_repr", "change_message")
    list_select_related = ("user", "content_type")
    search_fields = ("id", "user_id", "user__email")
    search_help_text = "The e-mail address or whole id of who did it"


@admin.register(Group)
class RoleAdmin(PlatformAdmin, GroupAdmin):  # type: ignore[misc]
    """Roles of the staff. Whoever edits one gives rights away, so only superusers do."""

    ordering = ("name",)
    list_display = ("name",)
    search_fields = ("name__istartswith",)
    search_help_text = "The beginning of a name"
    fields = ("name", "permissions")
    filter_horizontal = ("permissions",)
    editable = ("name",)
    may_add = True

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)
