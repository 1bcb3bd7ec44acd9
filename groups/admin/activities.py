"""What happened in groups and neighborhoods, as their stream told."""

from django.contrib import admin

from foodshare.admin.base import PlatformAdmin
from groups.models import GroupActivity


@admin.register(GroupActivity)
class GroupActivityAdmin(PlatformAdmin):
    """The newest first."""

    ordering = ("-created_at", "-id")
    list_display = ("event_type", "group", "user", "created_at")
    list_select_related = ("group", "user")
    link_lookups = ("group__id__exact",)
    search_fields = ("id", "user_id", "group_id", "user__email")
    search_help_text = "The person's e-mail address, or the whole id of an event, person or group"
