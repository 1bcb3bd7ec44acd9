"""What the live process keeps in the cache's Valkey: tickets, who is present, and that it lives itself."""

import time
from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster

from foodshare.cache import keys
from foodshare.cache.server import FAILURES
from foodshare.exceptions import FoodShareError
from groups.live import NotNow, ticket_key

ALIVE_SECONDS = 10
TIMEOUT = 5.0


class BadTicket(FoodShareError):
    """The ticket is unknown, was used or has expired; ask POST /api/v1/live/ticket for another."""

    status_code = 401
    code = "bad_ticket"


class Cache:
    def __init__(self, url: str) -> None:
        kind: type[Redis | RedisCluster] = RedisCluster if settings.REDIS_CLUSTER else Redis
        self.redis = kind.from_url(url, decode_responses=True, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT)

    async def redeem(self, ticket: str) -> UUID:
        """Whose ticket it is; it admits nobody again. Raises BadTicket or NotNow."""
        try:
            owner = await self.redis.getdel(ticket_key(ticket))
        except FAILURES as error:
            raise NotNow from error
        if owner is None:
            raise BadTicket
        return UUID(str(owner))

    async def present(self, people: Iterable[UUID]) -> None:
        """Note that these people are there now. Raises FAILURES."""
        now = time.time()
        if scores := {str(key): now for key in people}:
            await self.redis.zadd(keys.prefixed(keys.PRESENCE), scores)

    async def alive(self) -> None:
        """Let readyz see this process for some seconds. Raises FAILURES."""
        await self.redis.set(settings.LIVE_SIGN, "1", ex=ALIVE_SECONDS)
