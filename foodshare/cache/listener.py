"""What every process hears of invalidations, and whether it can rely on having heard them all.

The relay of invalidations says up to where in the log it has delivered all of them, twice a second at least. A process
that has not heard so for a moment uses no value, in either tier: it may have missed something, or nobody delivers.
"""

import logging
import os
import threading
import time
from collections.abc import Sequence
from functools import cache

import orjson
from django.conf import settings
from django.db import connections

from foodshare.cache import statistics
from foodshare.cache.keys import CHANNEL, prefixed
from foodshare.cache.local import Local, local
from foodshare.cache.server import ask, client, try_again
from foodshare.cache.store import run
from foodshare.db.lsn import START, Place
from foodshare.streams.loop import Every

TRUSTED = 2.0  # seconds after the relay was heard
COUNTED_EVERY = 1.0  # seconds between two reports of what was counted here
PAUSE = 0.5  # seconds before a lost connection is made again
logger = logging.getLogger(__name__)


class Listener(threading.Thread):
    """Hears one server's invalidations, until the process ends or `stop` is called."""

    def __init__(self, url: str, tier: Local) -> None:
        super().__init__(name="cache-listener", daemon=True)
        self.url, self.tier = url, tier
        self.place = START  # all invalidations of commits up to here were heard
        self.heard_at = float("-inf")  # monotonic seconds
        self.time_to_count = Every(COUNTED_EVERY, time.monotonic)
        self.stopped = threading.Event()

    @property
    def delivered(self) -> int:
        return self.place.lsn

    @property
    def is_trusted(self) -> bool:
        return time.monotonic() - self.heard_at < TRUSTED

    def run(self) -> None:
        while not self.stopped.is_set():
            try:
                self.listen()
            except Exception as error:  # whatever it is, without this thread nothing would ever be relied on again
                logger.info("invalidations cannot be heard: %s", error)
            self.forget()
            self.stopped.wait(PAUSE)

    def listen(self) -> None:
        """Hear messages until the connection breaks, or has been silent for too long, as one that was cut off is."""
        with client(self.url).pubsub() as line:  # type: ignore[no-untyped-call]
            line.subscribe(prefixed(CHANNEL))
            silent_since = time.monotonic()
            while not self.stopped.is_set() and time.monotonic() - silent_since < 2 * TRUSTED:
                message = line.get_message(timeout=client_patience())
                if message and message["type"] == "subscribe":  # by us, or by the client itself when it was cut off
                    self.forget()
                if message and message["type"] == "message":
                    self.hear(message["data"])
                    silent_since = time.monotonic()
                if self.time_to_count.due():
                    statistics.send()

    def hear(self, text: bytes) -> None:
        """Drop what is told to be invalid first, and then rely on it."""
        told = orjson.loads(text)
        if told["database"] != database():
            return
        if told["everything"]:
            self.tier.clear()
        self.tier.drop(told["keys"])
        if (delivered := told["delivered"]) is not None:
            self.place, self.heard_at = Place(*delivered), time.monotonic()
            try_again()

    def forget(self) -> None:
        """Rely on nothing, as messages may have been missed."""
        self.heard_at = float("-inf")
        self.tier.clear()

    def stop(self) -> None:
        self.stopped.set()
        self.join()


def database() -> str:
    """Whose invalidations count here: pub/sub knows no databases, and a server may serve several sites."""
    name: str = connections.settings["default"]["NAME"]
    return name


def client_patience() -> float:
    """Seconds to wait for a message: below the socket's own timeout, which means a broken connection."""
    return settings.CACHE_PATIENCE / 2


def listener() -> Listener:
    """This process's listener, started when first asked for, so that a forked process has one of its own."""
    return started(settings.REDIS_URL, os.getpid())


@cache
def started(url: str, pid: int) -> Listener:
    made = Listener(url, local)
    made.start()
    return made


def tell(keys: Sequence[str], everything: bool = False, delivered: Place | None = None,
         before: int = 0) -> tuple[bool, int]:
    """Tell all processes which keys, or that all, are invalid, or up to where everything was told. Raises Away.

    With `before`, only if the server does it by then. Answers whether it did, and its time; both in its milliseconds.
    """
    text = orjson.dumps({"database": database(), "keys": [*keys], "everything": everything,
                         "delivered": delivered and (delivered.timeline, delivered.lsn)})
    was_told, now = ask(lambda server: run(server, "tell", prefixed(CHANNEL), text, before))
    return bool(was_told), int(now)
