"""Doing one thing again and again until told to stop, and waiting while a server is away."""

import logging
import signal
import threading
from collections.abc import Callable
from typing import Any

from django.db import connections
from django.db.utils import InterfaceError, OperationalError
from redis.exceptions import RedisError

IDLE = 0.05  # seconds before the next look, when there was nothing to do
SHORTEST_PAUSE, LONGEST_PAUSE = 0.2, 5.0  # seconds before the next attempt, when a server was away
# Classes of SQLSTATE that tell of the server and not of the statement: connection, rollback, resources, operator, lock.
OF_THE_SERVER = {"08", "40", "53", "55", "57"}

logger = logging.getLogger(__name__)


def until_stopped(work: Callable[[], bool], stop: threading.Event, *, until_empty: bool = False) -> None:
    """Do `work`, which tells whether there was anything to do, until `stop` is set, or there is nothing to do.

    A server that is away is waited for; nothing is lost meanwhile.
    """
    pause = 0.0
    while not stop.is_set():
        try:
            busy = work()
        except (RedisError, OperationalError, InterfaceError) as error:
            if not is_away(error):
                raise
            connections["default"].close()
            if not pause:
                logger.warning("a server is away: %s; trying again until it is back", f"{error}".strip())
            pause = min(max(2 * pause, SHORTEST_PAUSE), LONGEST_PAUSE)
            stop.wait(pause)
            continue
        if pause:
            logger.warning("the server is back")
            pause = 0.0
        if not busy:
            if until_empty:
                return
            stop.wait(IDLE)


def is_away(error: Exception) -> bool:
    """Whether an error tells that a server cannot do its work now, and not that it was asked something wrong."""
    if isinstance(error, RedisError):
        return True
    state = getattr(error.__cause__, "sqlstate", None)
    return isinstance(error, OperationalError | InterfaceError) and (state is None or state[:2] in OF_THE_SERVER)


def stop_at_signals() -> threading.Event:
    """An event that the first SIGINT or SIGTERM sets, so that the work in hand is finished; a second ends at once."""
    stop = threading.Event()

    def handle(number: int, frame: Any) -> None:
        stop.set()
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_DFL)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handle)
    return stop


class Every:
    """Tells whether it is time again: at first, and then once in so many seconds of a clock that never goes back."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self.seconds, self.clock, self.next = seconds, clock, clock()

    def due(self) -> bool:
        if self.clock() < self.next:
            return False
        self.next = self.clock() + self.seconds
        return True
