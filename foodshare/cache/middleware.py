"""Readers see what they wrote, and never go back behind what they have seen."""

from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

from django.db.utils import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse

from foodshare.api.errors import for_people, unavailable
from foodshare.cache import reader, writers
from foodshare.cache.server import Away
from foodshare.db.middleware import SAFE


class OwnWrites:
    """Notes, before a request is answered, up to where in the log its person wrote, or was shown something."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_safe = request.method in SAFE
        reader.nobody(may_choose=is_safe and not for_people(request))
        response = self.get_response(request)
        user = getattr(request, "user", None)
        if user is None or not user.is_authenticated:
            return response
        if reader.has_written() or not is_safe:
            writers.note([user.pk])
        elif response.status_code < 500:
            return remembered(user.pk, response)
        return response


def remembered(person_id: UUID, response: HttpResponse) -> HttpResponse:
    """The same answer once it is noted what it shows; while the cache's server is away the primary serves everybody."""
    try:
        with suppress(Away):
            reader.remember(person_id)
    except (OperationalError, InterfaceError):
        return unavailable()
    return response
