"""Counts requests: how many, how long, and what each asked of the databases."""

import logging
import threading
import time
from collections.abc import Callable
from functools import cache

from django.contrib.admindocs.views import simplify_regex
from django.http import HttpRequest, HttpResponse

from foodshare.db.tally import tallying
from ops.monitoring import counters, endpoints, processes, slow

# What programs ask that watch: counted among people's requests, it would hide their failures, and its own be theirs.
WATCHING = {"/healthz", "/readyz", "/metrics"}
UNMATCHED = "unmatched"  # in place of a route, for an address that is none of ours, or was refused before it was known
TELL_EVERY = 2.0  # seconds
logger = logging.getLogger("ops.monitoring")


class Counted:
    """Goes around every other middleware, so that what they answer by themselves is counted too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        processes.count_alone(counters.collect)
        if processes.is_shared():
            Teller().start()
            endpoints.Writer().start()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_counted = request.path_info not in WATCHING
        counters.IN_PROGRESS.inc(is_counted)
        request_id = slow.request_id(request)
        begun, status = time.perf_counter(), 500
        with tallying(slow.statements_from()) as tally:
            try:
                response = self.get_response(request)
                status = response.status_code
                response.headers[slow.HEADER] = request_id
                return response
            finally:
                counters.IN_PROGRESS.dec(is_counted)
                endpoint = counters.endpoint(method_of(request), route_of(request))
                seconds = time.perf_counter() - begun
                if is_counted:
                    endpoint.count(status, seconds, tally)
                if tally.statements:
                    endpoints.note(endpoint.label, tally.statements)
                if is_counted and (tally.slow or slow.is_slow(seconds)):
                    slow.tell(request, slow.Answered(request_id, endpoint.label, status, seconds, tally))


def method_of(request: HttpRequest) -> str:
    """The request's method; one word for those that HTTP does not know, of which anybody may make any number."""
    return request.method if request.method in counters.METHODS else "OTHER"


def route_of(request: HttpRequest) -> str:
    """The request's route, as /api/v1/groups/<id>: never its path, which may name people."""
    match = request.resolver_match
    return readable(match.route) if match else UNMATCHED


@cache
def readable(route: str) -> str:
    """A route as people write it, from the pattern that matches it."""
    return str(simplify_regex(route)).replace("//", "/")


class Teller(threading.Thread):
    """Tells every few seconds how this process's pools are."""

    def __init__(self) -> None:
        super().__init__(name="monitoring", daemon=True)

    def run(self) -> None:
        while True:
            try:
                counters.tell()
            except Exception:  # whatever it is, without this thread the figures would stay as they are for ever
                logger.exception("monitoring: pools and router cannot be told of")
            time.sleep(TELL_EVERY)
