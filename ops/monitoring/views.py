"""GET /metrics."""

import re
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

from foodshare.api.errors import error_response
from foodshare.health import read_only
from ops.monitoring import exposition, snapshot

# Headers that proxies add.
PROXIED = re.compile(r"HTTP_(X_FORWARDED_\w+|FORWARDED|VIA|X_REAL_IP|(\w+_)?CLIENT_IP|\w+_CONNECTING_IP)")


@read_only
def metrics(request: HttpRequest) -> HttpResponse:
    """All figures, for METRICS_TOKEN's bearer or from METRICS_ALLOWED's addresses."""
    return refusal(request) or HttpResponse(exposition.text(snapshot.current()), content_type=exposition.CONTENT_TYPE)


def refusal(request: HttpRequest) -> HttpResponse | None:
    """Why the request may not see them; None where it may."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    is_bearer = scheme.lower() == "bearer" and bool(settings.METRICS_TOKEN)
    if (is_bearer and constant_time_compare(token.strip(), settings.METRICS_TOKEN)) or is_near(request):
        return None
    if not settings.METRICS_TOKEN:
        return error_response(403, "permission_denied", "Figures are shown to the addresses of METRICS_ALLOWED only.")
    answer = error_response(401, "not_authenticated", "Send METRICS_TOKEN as a bearer token.")
    answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def is_near(request: HttpRequest) -> bool:
    """Whether an allowed address asks by itself: through a proxy anybody's request would come from the proxy's."""
    if any(PROXIED.fullmatch(header) for header in request.META):
        return False
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return any(address in network for network in settings.METRICS_ALLOWED)
