"""Addresses below /api/v1/, without trailing slashes."""

from rest_framework.routers import SimpleRouter

router = SimpleRouter(trailing_slash=False)
urlpatterns = router.urls
