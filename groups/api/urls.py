"""Addresses below /api/v1/, without trailing slashes."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from groups.api.live import TicketView
from groups.api.views import GroupViewSet

router = SimpleRouter(trailing_slash=False)
router.register("groups", GroupViewSet, basename="group")
urlpatterns = [path("live/ticket", TicketView.as_view(), name="live-ticket"), *router.urls]
