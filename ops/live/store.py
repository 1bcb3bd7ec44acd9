"""What the live process asks the primary: two statements, over at most two connections, without the ORM."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row, tuple_row
from psycopg_pool import AsyncConnectionPool

from foodshare.db.fields import naive
from foodshare.db.keys import time_of
from foodshare.db.operations import sql
from groups.live import NotNow, channel

APPLICATION = "foodshare live"
MOST_CONNECTIONS = 2
PATIENCE = 5.0  # seconds for a connection, and for a statement
OVERLAP = timedelta(seconds=10)  # of two messages the one with the earlier key may be committed later by this much
OLDEST = timedelta(days=1)  # who was away longer reads the history
MOST_MESSAGES = 500  # the same holds for who missed more
PLACES, BACKLOG = (sql("groups", f"queries/live_{name}") for name in ("places", "backlog"))


class Store:
    """Every method raises NotNow when the primary does not answer."""

    def __init__(self, parameters: dict[str, Any]) -> None:
        """`parameters` are those of a psycopg connection; values are sent as literals, so that partitions prune."""
        options = parameters | {"application_name": APPLICATION, "autocommit": True, "context": None,
                                "cursor_factory": psycopg.AsyncClientCursor, "prepare_threshold": None}
        self.pool = AsyncConnectionPool(kwargs=options, min_size=0, max_size=MOST_CONNECTIONS, open=False,
                                        timeout=PATIENCE, reconnect_timeout=0, name=APPLICATION,
                                        check=AsyncConnectionPool.check_connection)

    async def places(self, person: UUID) -> set[str] | None:
        """The channels of all that the person may hear; None for who may not listen."""
        async with self.cursor(tuple_row) as cursor:
            await cursor.execute(PLACES, {"person": person})
            return {channel(kind, key) for kind, key in await cursor.fetchall()} or None

    async def backlog(self, after: UUID, rooms: Sequence[str], conversations: Sequence[str]) -> list[Any] | None:
        """The messages of these places since a little before the key `after`; None when they are too many or old."""
        now, since = datetime.now(UTC), time_of(after) - OVERLAP
        if since < now - OLDEST:
            return None
        async with self.cursor(dict_row) as cursor:
            await cursor.execute(BACKLOG, {
                "rooms": rooms, "conversations": conversations, "limit": MOST_MESSAGES + 1,
                "since": naive(since), "until": naive(now + OLDEST)})
            found = await cursor.fetchall()
        return found if len(found) <= MOST_MESSAGES else None

    @asynccontextmanager
    async def cursor(self, row_factory: Any) -> AsyncIterator[psycopg.AsyncCursor[Any]]:
        try:
            async with (asyncio.timeout(2 * PATIENCE), self.pool.connection() as connection,
                        connection.cursor(row_factory=row_factory) as cursor):
                yield cursor
        except (psycopg.OperationalError, psycopg.InterfaceError, TimeoutError) as error:
            raise NotNow from error
