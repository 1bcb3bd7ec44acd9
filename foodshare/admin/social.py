"""What people tell of themselves, and what they are to each other."""

from django.contrib import admin

from foodshare.admin.base import PlatformAdmin
from foodshare.models import Profile, Relationship


@admin.register(Profile)
class ProfileAdmin(PlatformAdmin):
    """In no order that means anything: a profile is found by its person."""

    ordering = ("user_id",)
    list_display = ("user", "location_city", "location_state", "interests", "roles")
    list_select_related = ("user",)
    link_lookups = ("user__id__exact",)
    search_fields = ("user_id", "location_city", "user__email")
    search_help_text = "The person's e-mail address or whole id, or a city as written"


@admin.register(Relationship)
class RelationshipAdmin(PlatformAdmin):
    """Each person's, newest first. An accepted friendship stands in both directions."""

    ordering = ("from_user_id", "-created_at", "-id")
    list_display = ("from_user", "to_user", "type", "status", "created_at")
    list_select_related = ("from_user", "to_user")
    link_lookups = ("from_user__id__exact", "to_user__id__exact")
    search_fields = ("id", "from_user_id", "to_user_id", "from_user__email", "to_user__email")
    search_help_text = "The e-mail address of either person, or the whole id of a relationship or person"
