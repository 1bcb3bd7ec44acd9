"""Readers see what they wrote."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from foodshare.cache import reader, writers
from foodshare.db.middleware import SAFE


class OwnWrites:
    """Notes, before a writing request is answered, up to where in the log its person wrote."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        reader.nobody()
        response = self.get_response(request)
        user = getattr(request, "user", None)
        may_have_written = reader.has_written() or request.method not in SAFE
        if may_have_written and user is not None and user.is_authenticated:
            writers.note([user.pk])
        return response
