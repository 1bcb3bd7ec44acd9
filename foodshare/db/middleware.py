"""What a request does when a database connection breaks under it."""

from collections.abc import Callable

from django.db import connections
from django.http import HttpRequest, HttpResponse

from foodshare.api.errors import Unavailable, says_unavailable, unavailable
from foodshare.db.router import PRIMARY, authority, reading_from

SAFE = {"GET", "HEAD"}


class RetryReads:
    """Answers a reading request once more when its connection broke between checkout and answer.

    A standby or primary may be restarted at any time; then whoever knows best answers. A write is not repeated, as its
    commit may have reached the server: it gets a 503 with Retry-After, and the client repeats it under the same
    Idempotency-Key.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != Unavailable.status_code or request.method not in SAFE:
            return response
        was_broken, alias = close_broken(), authority()
        if not was_broken and alias == PRIMARY:
            return response
        with reading_from(alias):
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The answer of views outside the API, the admin's, when the database is away."""
        return unavailable() if says_unavailable(exception) else None


def close_broken() -> bool:
    """Close this thread's connections that reported an error; tell whether there was one."""
    broken = [connection for connection in connections.all(initialized_only=True)
              if connection.connection is not None and connection.errors_occurred]
    for connection in broken:
        connection.close()
    return bool(broken)
