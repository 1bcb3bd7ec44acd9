"""Addresses below /api/v1/, without trailing slashes."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from foodshare.api import accounts, description, exchanges, posts, profiles, relationships

router = SimpleRouter(trailing_slash=False)
router.register("users", accounts.UserViewSet, basename="user")
router.register("food-posts", posts.FoodPostViewSet, basename="food-post")
router.register("exchanges", exchanges.ExchangeViewSet, basename="exchange")
router.register("profiles", profiles.ProfileViewSet, basename="profile")
router.register("relationships", relationships.RelationshipViewSet, basename="relationship")

urlpatterns = [
    path("auth/register", accounts.RegisterView.as_view(), name="register"),
    path("auth/login", accounts.LoginView.as_view(), name="login"),
    path("auth/logout", accounts.LogoutView.as_view(), name="logout"),
    path("me", accounts.MeView.as_view(), name="me"),
    path("me/mode", accounts.ModeView.as_view(), name="mode"),
    path("me/verification", accounts.VerificationView.as_view(), name="verification"),
    path("schema", description.SchemaView.as_view(), name="schema"),
    path("docs", description.DocsView.as_view(url_name="schema"), name="docs"),
    *router.urls,
]
