"""The live process's HTTP: GET /events, a stream, and GET /healthz."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from foodshare.api.errors import error_response
from foodshare.cache.server import FAILURES
from foodshare.db.keys import is_time_key
from foodshare.exceptions import FoodShareError, Invalid, Missing
from ops.live.cache import Cache
from ops.live.hub import Hub, Listener

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]

ANYWHERE = (b"access-control-allow-origin", b"*")  # a ticket is needed wherever the page comes from
STREAM = (ANYWHERE, (b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-store"),
          (b"x-accel-buffering", b"no"))  # the last for nginx, which would hold events back


class WrongMethod(FoodShareError):
    """Only GET is allowed here."""

    status_code = 405
    code = "method_not_allowed"


class App:
    """An ASGI application."""

    def __init__(self, hub: Hub, cache: Cache) -> None:
        self.hub = hub
        self.cache = cache

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        try:
            if scope["path"] not in ("/events", "/healthz"):
                raise Missing("There is nothing at this address.")
            if scope["method"] != "GET":
                raise WrongMethod
            if scope["path"] == "/healthz":
                await answer(send, 200, b'{"status":"ok"}')
            else:
                await self.events(scope, receive, send)
        except FoodShareError as error:
            await refuse(send, error)

    async def events(self, scope: Message, receive: Receive, send: Send) -> None:
        """Send a stream to whose ticket it is. Raises FoodShareError before it begins."""
        query = parse_qs(scope["query_string"].decode("latin-1"))
        after = last_event(scope["headers"], query.get("last_event_id", [""])[-1])
        listener = await self.hub.enter(await self.cache.redeem(query.get("ticket", [""])[-1]))
        try:
            opening = await self.hub.opening(listener, after)
            with suppress(*FAILURES):
                await self.cache.present([listener.person.key])
            gone = asyncio.create_task(end_when_gone(listener, receive))
            try:
                await stream(send, opening, listener.texts())
            finally:
                gone.cancel()
        finally:
            await self.hub.leave(listener)


def last_event(headers: Headers, parameter: str) -> UUID | None:
    """The key to resume from: a browser repeats it in the header, who opens a new stream puts it in the address."""
    given = dict(headers).get(b"last-event-id", b"").decode("latin-1") or parameter
    if not given:
        return None
    try:
        key = UUID(given)
    except ValueError:
        key = UUID(int=0)
    if not is_time_key(key):
        raise Invalid("Last-Event-ID must be one that a stream gave.")
    return key


async def end_when_gone(listener: Listener, receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    listener.end()


async def stream(send: Send, opening: Iterable[bytes], texts: AsyncIterator[bytes]) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": STREAM})
    await send({"type": "http.response.body", "body": b"".join(opening), "more_body": True})
    async for text in texts:
        await send({"type": "http.response.body", "body": text, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def refuse(send: Send, error: FoodShareError) -> None:
    later = [(b"retry-after", str(error.wait).encode())] if error.wait else []
    await answer(send, error.status_code, error_response(error.status_code, error.code, error.message).content, later)


async def answer(send: Send, status: int, body: bytes, headers: Headers = ()) -> None:
    every = (ANYWHERE, (b"content-type", b"application/json"), (b"cache-control", b"no-store"), *headers)
    await send({"type": "http.response.start", "status": status, "headers": every})
    await send({"type": "http.response.body", "body": body})
