"""What is refused before a view sees it."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from foodshare.api.errors import error_response


class RequestLimits:
    """Refuses bodies over MAX_BODY_BYTES and NUL characters in the address; PostgreSQL text cannot hold NUL."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdigit() or int(length) > settings.MAX_BODY_BYTES:
            return error_response(413, "too_large", f"A request may have at most {settings.MAX_BODY_BYTES} bytes.")
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return error_response(400, "null_character", "NUL characters are not allowed.")
        return self.get_response(request)
