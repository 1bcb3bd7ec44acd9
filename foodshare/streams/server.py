"""The streams' Valkey, as the relay and the consumers reach it."""

from functools import cache
from typing import Any

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError
from redis.retry import Retry

TIMEOUT = 5.0  # seconds


@cache
def client(url: str = "") -> "Redis":
    """A client that does not try again by itself: what is tried again is a batch. Bytes that are no text do no harm."""
    return Redis.from_url(url or settings.STREAM_URL, decode_responses=True, encoding_errors="replace",
                          socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT, retry=Retry(NoBackoff(), 0))


def groups(server: "Redis", stream: str) -> dict[str, dict[str, Any]]:
    """What the server tells of each consumer group of a stream; of a stream that is not there, nothing."""
    try:
        return {group["name"]: group for group in server.xinfo_groups(stream)}
    except ResponseError as error:
        if "no such key" in str(error):
            return {}
        raise


def position(entry_id: str) -> tuple[int, int]:
    """Where an entry stands in its stream, to compare."""
    milliseconds, _, number = entry_id.partition("-")
    return int(milliseconds), int(number or 0)
