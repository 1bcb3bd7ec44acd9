"""Requests and statements that took long, a line of JSON each: enough to find them, nothing of what people wrote.

A person is told by a hash that only this site can make from an id; a statement by its fingerprint, without its values.
"""

import logging
import os
import re
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.functional import SimpleLazyObject

from foodshare.db.tally import Slow, Tally
from ops.monitoring.fingerprint import fingerprint

HEADER = "X-Request-ID"
GIVEN = re.compile(r"[A-Za-z0-9._-]{1,64}")
MOST = 20  # lines in a second from each process: when all is slow, more of them tell nothing new
logger = logging.getLogger("foodshare.slow")


@dataclass(frozen=True, slots=True)
class Answered:
    """A request that was answered, and what it asked of the databases."""

    request_id: str
    endpoint: str
    status: int
    seconds: float
    tally: Tally


class Allowance:
    """So many lines a second, for all threads; what is kept back is counted."""

    def __init__(self, most: int) -> None:
        self.most, self.left, self.second, self.kept_back = most, 0, -1, 0
        self.lock = threading.Lock()

    def take(self) -> int | None:
        """How many were kept back since the last line; None where this one is as well."""
        with self.lock:
            if (now := int(time.monotonic())) != self.second:
                self.second, self.left = now, self.most
            if not self.left:
                self.kept_back += 1
                return None
            self.left -= 1
            kept_back, self.kept_back = self.kept_back, 0
            return kept_back


allowance = Allowance(MOST)


class AsJSON(logging.Formatter):
    """A line of JSON: when, how grave, what, and the record's `facts`."""

    def format(self, record: logging.LogRecord) -> str:
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03}Z"
        facts: Mapping[str, Any] = getattr(record, "facts", {})
        return orjson.dumps({"at": at, "level": record.levelname, "event": record.getMessage(), **facts}).decode()


def request_id(request: HttpRequest) -> str:
    """The id that a proxy gave the request, if it can be told in a log, or a new one."""
    given = request.META.get("HTTP_X_REQUEST_ID")
    return given if given and GIVEN.fullmatch(given) else os.urandom(16).hex()


def user_hash(request: HttpRequest) -> str | None:
    """Who asked, the same for all of a person's requests; None where it is nobody, or nobody has looked yet."""
    user = request.__dict__.get("user")
    if isinstance(user, SimpleLazyObject):
        user = getattr(request, "_cached_user", None)
    key = getattr(user, "pk", None)
    return None if key is None else salted_hmac("foodshare.slow", str(key), algorithm="sha256").hexdigest()[:16]


def statements_from() -> float:
    """Seconds from which a statement is slow."""
    return settings.SLOW_STATEMENT or float("inf")


def is_slow(seconds: float) -> bool:
    """Whether a request is that took so long."""
    return 0 < settings.SLOW_REQUEST <= seconds


def tell(request: HttpRequest, answered: Answered) -> None:
    """Log a request if it was slow, and each of its statements that was."""
    who = {"request_id": answered.request_id, "user": user_hash(request), "endpoint": answered.endpoint}
    tell_statements(who, answered.tally.slow)
    if is_slow(answered.seconds):
        log("slow request", {**who, "status": answered.status, "ms": milliseconds(answered.seconds),
                             "queries": answered.tally.queries, "rows": answered.tally.rows,
                             "query_ms": milliseconds(answered.tally.seconds)})


def tell_statements(who: Mapping[str, Any], found: Iterable[Slow]) -> None:
    """Log statements that were slow, of a request, a job or a command."""
    for each in found:
        log("slow statement", {**who, "fingerprint": fingerprint(each.statement), "server": each.alias,
                               "ms": milliseconds(each.seconds), "rows": each.rows})


def milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)


def log(event: str, facts: Mapping[str, Any]) -> None:
    """A line, unless there are very many."""
    kept_back = allowance.take()
    if kept_back is not None:
        told = {"kept_back": kept_back} if kept_back else {}
        logger.warning(event, extra={"facts": {**facts, **told}})
