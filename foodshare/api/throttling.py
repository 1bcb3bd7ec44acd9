"""How often one person may post."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.cache import caches
from django.utils.connection import ConnectionProxy
from rest_framework.request import Request
from rest_framework.throttling import UserRateThrottle

from foodshare.cache.server import Away, heed

if TYPE_CHECKING:  # the module of views itself imports this one
    from rest_framework.views import APIView


class Posting(UserRateThrottle):
    """Limits a view's POST and PATCH by the rate of its `posting_scope` in settings.POSTING_RATES; the rest is free.

    Counted in the cache: while that is gone, nobody is held back, nor waits for it.
    """

    cache = ConnectionProxy(caches, "requests")  # type: ignore[assignment]  # it stands for one
    rate = None

    def __init__(self) -> None:
        """The rate depends on the view: see allow_request."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        scope: str | None = getattr(view, "posting_scope", None)
        if request.method not in ("POST", "PATCH") or scope is None:
            return True
        self.scope = f"{scope}-posting"
        self.num_requests, self.duration = self.parse_rate(settings.POSTING_RATES[scope])
        self.rate = settings.POSTING_RATES[scope]
        try:
            return heed(lambda: bool(super(Posting, self).allow_request(request, view)))
        except Away:
            return True
