"""Addresses below /api/v1/, without trailing slashes."""

from django.urls import path

from reputation.api.views import ReputationView

urlpatterns = [
    path("users/<uuid:id>/reputation", ReputationView.as_view(), name="reputation"),
]
