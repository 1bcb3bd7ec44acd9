"""One connection to Valkey that hears any number of channels."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any, NoReturn

from redis import RedisError
from redis.asyncio import ConnectionPool
from redis.asyncio.connection import AbstractConnection

from groups.live import EVERYBODY, NotNow

SILENCE = 8.0  # seconds after which a connection that does not answer is given up
PAUSE = 0.5  # seconds before the next attempt to connect

logger = logging.getLogger(__name__)


class Channels:
    """Calls `heard` with channel and text of what is published, and `lost` when some of it may go unheard.

    The client's own PubSub connects anew without a word and so loses messages unnoticed.
    """

    def __init__(self, url: str, heard: Callable[[str, bytes], None], lost: Callable[[], None]) -> None:
        self.pool = ConnectionPool.from_url(url, protocol=2, socket_connect_timeout=SILENCE, socket_timeout=None)
        self.heard, self.lost = heard, lost
        self.connection: AbstractConnection | None = None
        self.numbers = count()
        self.marks: dict[bytes, asyncio.Future[None]] = {}

    async def run(self) -> NoReturn:
        """Hear until cancelled; connect again whenever the connection is lost."""
        while True:
            try:
                await self.hear()
            except (RedisError, OSError, TimeoutError) as error:
                logger.warning("no pub/sub: %s", str(error) or "no answer")
            await asyncio.sleep(PAUSE)

    async def hear(self) -> NoReturn:
        connection = self.pool.make_connection()  # type: ignore[no-untyped-call]
        try:
            async with asyncio.timeout(SILENCE):
                await connection.connect()
                await connection.send_command("SUBSCRIBE", EVERYBODY)
            self.connection = connection
            while True:
                async with asyncio.timeout(SILENCE):  # `settled` asks for a sign of life in between
                    self.take(await connection.read_response())
        finally:
            self.connection = None
            self.lost()
            for mark in self.marks.values():
                mark.set_exception(NotNow())
            self.marks.clear()
            await connection.disconnect(nowait=True)

    def take(self, answer: list[Any]) -> None:
        kind, first, *rest = answer
        if kind == b"message":
            self.heard(first.decode(), rest[0])
        elif kind == b"pong" and (mark := self.marks.pop(first, None)):
            mark.set_result(None)

    async def switch(self, on: Sequence[str], off: Sequence[str]) -> None:
        """Hear the channels `on`, and `off` no more. Raises NotNow."""
        await self.send(*([("SUBSCRIBE", *on)] if on else []), *([("UNSUBSCRIBE", *off)] if off else []))

    async def settled(self) -> None:
        """Wait until every subscription so far is in force, as commands are answered in order. Raises NotNow."""
        text = str(next(self.numbers)).encode()
        mark = self.marks[text] = asyncio.get_running_loop().create_future()
        try:
            await self.send(("PING", text))
            async with asyncio.timeout(SILENCE):
                await mark
        except TimeoutError:
            raise NotNow from None
        finally:
            self.marks.pop(text, None)

    async def send(self, *commands: tuple[str | bytes, ...]) -> None:
        """Write at once, before anything else is done here: commands keep the order of calls. Raises NotNow."""
        if self.connection is None:
            raise NotNow
        try:
            packed = [part for command in commands for part in self.connection.pack_command(*command)]
            await self.connection.send_packed_command(packed, check_health=False)
        except (RedisError, OSError) as error:
            raise NotNow from error
