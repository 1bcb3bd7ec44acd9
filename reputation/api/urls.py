"""Addresses below /api/v1/, without trailing slashes."""

from django.urls import path

from reputation.api import views

urlpatterns = [
    path("users/<uuid:id>/reputation", views.ReputationView.as_view(), name="reputation"),
    path("me/reputation/privacy", views.PrivacyView.as_view(), name="reputation-privacy"),
    path("me/reputation/events", views.EventsView.as_view(), name="reputation-events"),
    path("me/reputation/explain", views.ExplanationView.as_view(), name="reputation-explanation"),
    path("reputation/leaderboard", views.BoardView.as_view(), name="reputation-leaderboard"),
]
