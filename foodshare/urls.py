"""URLs of the whole project; higher apps are named as strings only."""

from django.contrib import admin
from django.urls import include, path
from django.utils.module_loading import import_string

from foodshare import health

urlpatterns = [
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("metrics", import_string("ops.monitoring.views.metrics")),
    path("admin/monitoring/", include("ops.monitoring.dashboard.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("foodshare.api.urls")),
    path("api/v1/", include("groups.api.urls")),
    path("api/v1/", include("reputation.api.urls")),
]

handler400 = "foodshare.api.errors.bad_request"
handler403 = "foodshare.api.errors.permission_denied"
handler404 = "foodshare.api.errors.not_found"
handler500 = "foodshare.api.errors.server_error"
