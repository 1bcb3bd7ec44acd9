"""The admin of groups, their members and the summary of what they share."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from foodshare.admin.base import PlatformAdmin
from groups.models import CommunityGroup, GroupActivitySummary, Membership


@admin.register(CommunityGroup)
class CommunityGroupAdmin(PlatformAdmin):
    """Groups are made, joined and led through the services; here one edits what they say of themselves."""

    ordering = ("name", "id")
    list_display = ("name", "group_type", "city", "member_count", "verification_required", "admin_user")
    list_select_related = ("admin_user",)
    search_fields = ("id", "admin_user_id", "telegram_group_id", "name__istartswith", "admin_user__email")
    search_help_text = "The beginning of a name, the admin's e-mail address, a Telegram id, or a whole id"
    readonly_fields = ("links",)
    editable = ("name", "description", "city", "telegram_group_id", "verification_required",
                "claim_minutes_trusted", "claim_minutes_others", "claim_minutes_concerning")
    fieldsets = (
        (None, {"fields": ("name", "description", "city", "telegram_group_id", "verification_required")}),
        ("Who waits for a fresh post", {
            "fields": ("claim_minutes_trusted", "claim_minutes_others", "claim_minutes_concerning"),
            "description": "0: nobody does. Exemplary people never wait."}),
        ("Kept by the platform", {"fields": ("group_type", "admin_user", "member_count", "links", "created_at", "id")}),
    )

    @admin.display(description="see also")
    def links(self, group: CommunityGroup) -> SafeString:
        return format_html(
            '<a class="text-link" href="{}?group__id__exact={}">Members</a> · '
            '<a class="text-link" href="{}?group__id__exact={}">Posts</a>',
            reverse("admin:groups_membership_changelist"), group.pk,
            reverse("admin:foodshare_foodpost_changelist"), group.pk)


@admin.register(Membership)
class MembershipAdmin(PlatformAdmin):
    """In the order of a group's page of members, newest first."""

    ordering = ("group_id", "-created_at", "-id")
    list_display = ("user", "group", "role", "state", "created_at")
    list_select_related = ("user", "group")
    link_lookups = ("group__id__exact", "user__id__exact")
    search_fields = ("id", "group_id", "user_id", "user__email")
    search_help_text = "The person's e-mail address, or the whole id of a membership, group or person"


@admin.register(GroupActivitySummary)
class GroupActivitySummaryAdmin(PlatformAdmin):
    """The view as of its last refresh."""

    ordering = ("group_id",)
    list_display = ("group_name", "group_type", "food_posts_30d", "successful_exchanges_30d", "avg_rating",
                    "last_food_post")
    search_fields = ("group_id",)
    search_help_text = "A group's whole id"
