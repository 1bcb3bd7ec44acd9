"""Addresses below /api/v1/, without trailing slashes."""

from rest_framework.routers import SimpleRouter

from groups.api.views import GroupViewSet

router = SimpleRouter(trailing_slash=False)
router.register("groups", GroupViewSet, basename="group")
urlpatterns = router.urls
