"""Who is about: when each person was last seen, kept on the cache server, so that being seen writes to no database.

One sorted set, document B's `presence:online`: people's ids by the time of their last request, in seconds since 1970.
While the server is away nobody is seen, and hardly a request waits for it: found down, it is left alone for a while.
"""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

from foodshare.breaker import Breaker
from foodshare.cache import client

KEY = "presence:online"
ONLINE = 60.0  # seconds after a request
KEPT = 7 * 86_400.0  # seconds that a person's last time is remembered
NOTED_EVERY = 1.0  # seconds between two writes about one person, by each process
TRIMMED_EVERY = 600.0  # seconds between two removals of what is older than KEPT, by each process
RETRY_AFTER = 5.0  # seconds a server found down is left alone, by each process
MOST_NOTED = 10_000  # people whom a process remembers to have noted

T = TypeVar("T")
_noted: dict[UUID, float] = {}
_trimmed = 0.0
_servers = Breaker(RETRY_AFTER)


def note(user_id: UUID) -> None:
    """Keep that the person was seen now, unless this process has done so within the last second."""
    moment = time.monotonic()
    if moment - _noted.get(user_id, -NOTED_EVERY) < NOTED_EVERY:
        return
    if len(_noted) >= MOST_NOTED:
        _noted.clear()
    _noted[user_id] = moment
    ask(lambda server: keep(server, user_id), None)


def keep(server: Redis, user_id: UUID) -> None:
    global _trimmed
    now = time.time()
    server.zadd(KEY, {str(user_id): now})
    if now - _trimmed > TRIMMED_EVERY:
        _trimmed = now
        trim(server)


def trim(server: Redis) -> None:
    """Forget who was not seen within KEPT."""
    server.zremrangebyscore(KEY, "-inf", time.time() - KEPT)


def last_seen(user_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """When each person was last seen, of those who were within a week."""
    scores: list[float | None] = ask(lambda server: server.zmscore(KEY, [*map(str, user_ids)]), []) if user_ids else []
    return {user_id: datetime.fromtimestamp(score, UTC)
            for user_id, score in zip(user_ids, scores, strict=False) if score is not None}


def is_online(seen: datetime | None) -> bool:
    return seen is not None and time.time() - seen.timestamp() < ONLINE


def ask(question: Callable[[Redis], Any], otherwise: T) -> T:
    """The server's answer, or `otherwise` while it is away."""
    url = settings.REDIS_URL
    if not _servers.may_try(url):
        return otherwise
    try:
        answer: T = question(client(url))
    except RedisError:
        _servers.failed(url)
        return otherwise
    _servers.answered(url)
    return answer
