"""Addresses below admin/monitoring/."""

from django.urls import path

from ops.monitoring.dashboard import views
from ops.monitoring.dashboard.views import CANCEL, VIEW, guarded

app_name = "monitoring"
urlpatterns = [
    path("", guarded(VIEW, views.page), name="overview"),
    path("live", guarded(VIEW, views.live), name="live"),
    path("queries/<slug:key>", guarded(VIEW, views.statement), name="statement"),
    path("running/<int:pid>/cancel", guarded(CANCEL, views.cancel), name="cancel"),
    path("doctor/examine", guarded(VIEW, views.examine), name="examine"),
    path("<slug:tab>", guarded(VIEW, views.page), name="tab"),
]
