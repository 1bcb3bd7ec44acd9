"""Addresses below /api/v1/, without trailing slashes."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from groups.api import chat, forum
from groups.api.live import TicketView
from groups.api.presence import PresenceView
from groups.api.statuses import FeedViewSet, StatusUpdateViewSet
from groups.api.views import GroupViewSet

router = SimpleRouter(trailing_slash=False)
router.register("groups", GroupViewSet, basename="group")
router.register("rooms", chat.RoomViewSet, basename="room")
router.register("conversations", chat.ConversationViewSet, basename="conversation")
router.register("messages", chat.MessageViewSet, basename="message")
router.register("forum/categories", forum.CategoryViewSet, basename="forum-category")
router.register("forum/threads", forum.ThreadViewSet, basename="forum-thread")
router.register("forum/posts", forum.PostViewSet, basename="forum-post")
router.register("feed", FeedViewSet, basename="feed")
router.register("status-updates", StatusUpdateViewSet, basename="status-update")
urlpatterns = [
    path("live/ticket", TicketView.as_view(), name="live-ticket"),
    path("presence", PresenceView.as_view(), name="presence"),
    *router.urls,
]
