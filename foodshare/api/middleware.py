"""What is refused or put right before a view sees it, and what is said of its answer."""

from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import get_conditional_response, patch_cache_control, set_response_etag

from foodshare.api.errors import TooLarge, error_response

GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestLimits:
    """Refuses bodies over MAX_BODY_BYTES or of unknown length, and NUL characters in the address.

    PostgreSQL text cannot hold NUL; a body without a length would be read as empty.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return refusal(request) or self.get_response(request)


def refusal(request: HttpRequest) -> JsonResponse | None:
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length and "HTTP_TRANSFER_ENCODING" in request.META:
        return error_response(411, "length_required", "Send the body's length in Content-Length.")
    if length and not (length.isascii() and length.isdigit()):
        return error_response(400, "bad_request", "Content-Length is not a number.")
    if len(length) > 12 or int(length or 0) > settings.MAX_BODY_BYTES:
        return error_response(413, TooLarge.default_code, TooLarge.default_detail)
    query = request.META.get("QUERY_STRING", "")
    if "\x00" in request.path or "\x00" in query or "%00" in query:
        return error_response(400, "null_character", "NUL characters are not allowed.")
    return None


class TrailingSlash:
    """Takes an address of the API with a trailing slash for the one without."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith("/api/"):
            request.path_info = request.path_info.removesuffix("/")
            request.path = request.path.removesuffix("/")
        return self.get_response(request)


class ConditionalReads:
    """Lets programs keep the API's answers, each for its person only, and ask whether they are still the same: who
    names in If-None-Match the ETag of what it has is spared the body."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path_info.startswith("/api/"):
            return response
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_cache=True)
        is_read = request.method in ("GET", "HEAD") and response.status_code == 200
        return unless_known(request, response) if is_read else response


def unless_known(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The answer with its ETag; or that the client has it already, or (by If-Match) does not want this one."""
    set_response_etag(response)
    answer = get_conditional_response(request, etag=response.get("ETag"), response=response)
    if answer is not None and answer.status_code == 412:
        return error_response(412, "precondition_failed", "What is here now is not what If-Match names.")
    return cast(HttpResponse, answer)
