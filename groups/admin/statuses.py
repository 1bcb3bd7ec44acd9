"""What people told their friends and groups, for who takes it away."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from foodshare.admin.decisions import Decision, action
from groups.admin.partitioned import PartitionedAdmin
from groups.models import StatusUpdate
from groups.services import statuses

REMOVE = Decision("remove", "Remove these status updates for good?", "removed", statuses.remove_by_moderator)


@admin.register(StatusUpdate)
class StatusUpdateAdmin(PartitionedAdmin):
    """The newest first. Nothing is changed here but taken away, from the list: the row's own page goes with it."""

    ordering = ("-created_at", "-id")
    list_display = ("content", "author", "group", "created_at")
    list_select_related = ("author", "group")
    link_lookups = ("author__id__exact", "group__id__exact")
    search_fields = ("id", "author_id", "group_id", "author__email")
    search_help_text = "The author's e-mail address, or the whole id of a status update, author or group"
    actions = ("remove",)

    def describe(self, row: StatusUpdate) -> str:
        return f"{row.author}: {row.content}"

    @action(description="Remove", permissions=["moderate"], icon="block")
    def remove(self, request: HttpRequest, queryset: QuerySet[StatusUpdate]) -> HttpResponse:
        return self.decide(request, REMOVE, queryset)
