"""Addresses below /api/v1/, without trailing slashes."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from groups.api.presence import PresenceView
from groups.api.statuses import FeedViewSet, StatusUpdateViewSet
from groups.api.views import GroupViewSet

router = SimpleRouter(trailing_slash=False)
router.register("groups", GroupViewSet, basename="group")
router.register("feed", FeedViewSet, basename="feed")
router.register("status-updates", StatusUpdateViewSet, basename="status-update")
urlpatterns = [
    path("presence", PresenceView.as_view(), name="presence"),
    *router.urls,
]
