"""Neighborhoods and their buildings."""

from django.contrib import admin
from django.db.models.functions import Lower

from foodshare.admin.base import PlatformAdmin
from foodshare.models import Building, Neighborhood


@admin.register(Neighborhood)
class NeighborhoodAdmin(PlatformAdmin):
    ordering = (Lower("city"), Lower("name"), "id")
    list_display = ("name", "city", "created_at")
    search_fields = ("id", "name__istartswith", "city__istartswith")
    search_help_text = "The beginning of a name or city, or a whole id"
    fields = ("name", "city")
    editable = ("name", "city")
    may_add = True


@admin.register(Building)
class BuildingAdmin(PlatformAdmin):
    ordering = ("neighborhood_id", Lower("address"), "id")
    list_display = ("address", "neighborhood", "verified_at", "created_at")
    list_select_related = ("neighborhood",)
    search_fields = ("id", "neighborhood_id", "address__istartswith")
    search_help_text = "The beginning of an address, or a whole id"
    autocomplete_fields = ("neighborhood",)
    fields = ("neighborhood", "address", "verified_at")
    editable = ("neighborhood", "address")
    may_add = True
