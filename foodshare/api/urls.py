"""Addresses below /api/v1/, without trailing slashes."""

from rest_framework.routers import SimpleRouter

from foodshare.api.exchanges import ExchangeViewSet
from foodshare.api.posts import FoodPostViewSet

router = SimpleRouter(trailing_slash=False)
router.register("food-posts", FoodPostViewSet, "food-post")
router.register("exchanges", ExchangeViewSet, "exchange")
urlpatterns = router.urls
