"""How often one person may post."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import UserRateThrottle

if TYPE_CHECKING:  # the module of views itself imports this one
    from rest_framework.views import APIView


class Posting(UserRateThrottle):
    """Limits a view's POST and PATCH by the rate of its `posting_scope` in settings.POSTING_RATES; the rest is free.

    Counted in the cache: while that is gone, nobody is held back.
    """

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
        allowed: Any = super().allow_request(request, view)
        return bool(allowed)
