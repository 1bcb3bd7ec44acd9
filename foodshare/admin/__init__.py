"""The admin of the core app."""

from django.contrib import admin

from foodshare.admin import food, people, places, social, system

__all__ = ["food", "people", "places", "social", "system"]

admin.site.index_template = "foodshare/admin/overview.html"
