"""How requests of the measured web processes are routed, and what each asked of which server."""

import itertools
import os
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from django.conf import settings
from django.db import connections
from django.http import HttpRequest, HttpResponse

from foodshare.db.middleware import SAFE
from foodshare.db.router import reading_from

ASKED = "X-Asked"  # the header with the process and how many statements went to which server
PINNED = 2  # seconds
PIN = "pinned"  # the cookie
Answer = Callable[[HttpRequest], HttpResponse]

_turns = itertools.count()


class Witness:
    """Tells with every answer what the request asked of which server, as the connections saw it."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked: Counter[str] = Counter()

        def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
            asked[context["connection"].alias] += 1
            return execute(sql, params, many, context)

        with ExitStack() as stack:
            for connection in connections.all():
                stack.enter_context(connection.execute_wrapper(note))
            response = self.get_response(request)
        response[ASKED] = " ".join([str(os.getpid()), *(f"{alias}={count}" for alias, count in asked.items())])
        return response


class Unchecked:
    """Routing as a load balancer does it: every reading request goes to the next standby."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in SAFE:
            return self.written(self.get_response(request))
        aliases = settings.REPLICA_ALIASES
        with reading_from("default" if self.is_pinned(request) else aliases[next(_turns) % len(aliases)]):
            return self.get_response(request)

    def is_pinned(self, request: HttpRequest) -> bool:
        """Whether the request is to be read from the primary."""
        return False

    def written(self, response: HttpResponse) -> HttpResponse:
        """The answer to a request that may have written."""
        return response


class Pinned(Unchecked):
    """The same with a pin, as it is mostly done: who wrote carries a cookie for two seconds, and reads the primary."""

    def is_pinned(self, request: HttpRequest) -> bool:
        return PIN in request.COOKIES

    def written(self, response: HttpResponse) -> HttpResponse:
        response.set_cookie(PIN, "1", max_age=PINNED)
        return response
