"""Runs the live process: its web server, its ears, its pulse."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable, Iterator
from typing import Any

import uvicorn

from foodshare.cache.server import FAILURES
from groups.live import NotNow
from ops.live.app import App
from ops.live.cache import Cache
from ops.live.hub import Hub
from ops.live.store import Store

BACKLOG = 2048  # clients that wait to be taken up
STOP_SECONDS = 5
PULSE = 3.0  # seconds
PRESENCE_PULSES = 10  # people are noted as present every 30 s

logger = logging.getLogger(__name__)


class Server(uvicorn.Server):
    """uvicorn, which ends every stream before it stops."""

    def __init__(self, config: uvicorn.Config, hub: Hub, started: Callable[[], None]) -> None:
        super().__init__(config)
        self.hub, self.announce_start = hub, started

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGTERM and SIGINT; uvicorn itself would send itself the signal again at the end."""
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self.handle_exit, number, None)
        yield

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.announce_start()

    async def shutdown(self, sockets: Any = None) -> None:
        self.hub.closing = True
        self.hub.end_all()
        await super().shutdown(sockets)


async def serve(host: str, port: int, *, redis_url: str, database: dict[str, Any], started: Callable[[], None]) -> None:
    """Send new messages to who listens until SIGTERM or SIGINT. `database`: parameters of a psycopg connection."""
    store, cache = Store(database), Cache(redis_url)
    hub = Hub(redis_url, store)
    config = uvicorn.Config(App(hub, cache), host=host, port=port, http="h11", ws="none", lifespan="off",
                            loop="asyncio", backlog=BACKLOG, log_config=None, access_log=False, proxy_headers=False,
                            server_header=False, timeout_graceful_shutdown=STOP_SECONDS)
    async with store.pool, asyncio.TaskGroup() as tasks:
        background = [tasks.create_task(hub.channels.run()), tasks.create_task(pulse(hub, cache))]
        await Server(config, hub, started).serve()
        for task in background:
            task.cancel()


async def pulse(hub: Hub, cache: Cache) -> None:
    """Show that this process lives and who listens; end streams that are old; see that Valkey answers."""
    beats = 0
    while True:
        with contextlib.suppress(NotNow):
            await hub.channels.settled()
            try:
                await cache.alive()
                if beats % PRESENCE_PULSES == 0:
                    await cache.present(hub.people)
            except FAILURES as error:
                logger.warning("presence is not noted: %s", error)
        hub.end_expired()
        beats += 1
        await asyncio.sleep(PULSE)
