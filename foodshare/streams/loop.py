"""Doing one thing again and again until told to stop, and waiting while a server is away."""

import logging
import signal
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

from django.db import Error, InterfaceError, OperationalError, connections
from redis.exceptions import RedisError

IDLE = 0.05  # seconds before the next look, when there was nothing to do
SHORTEST_PAUSE, LONGEST_PAUSE = 0.2, 5.0  # seconds before the next attempt, when a server was away
TOOK_TOO_LONG = "57014"  # SQLSTATE of a statement that was ended after statement_timeout, or by an administrator
# Beginnings of SQLSTATE that tell of the server, and not of what it was asked: connection, rollback, resources, lock,
# operator, disk; that it is a standby now, or ended what took too long; that the schema or its rights are another
# release's.
OF_THE_SERVER = ("08", "40", "53", "55", "57", "58", "25006", "25P03", "25P04", "42P01", "42703", "42501")

logger = logging.getLogger(__name__)


class Stop:
    """Whether to stop, as a signal tells it. No threading.Event: whoever waits for one holds its lock for moments, and
    a signal's handler that runs in such a moment would wait for ever for what it has interrupted.
    """

    def __init__(self) -> None:
        self.is_set = False
        self.told: SimpleQueue[None] = SimpleQueue()  # which a handler may use whatever it interrupts

    def set(self) -> None:
        self.is_set = True
        self.told.put(None)

    def wait(self, seconds: float) -> None:
        """Pause, and no longer than until told to stop."""
        with suppress(Empty):
            self.told.get(timeout=seconds)


def until_stopped(work: Callable[[], bool], stop: Stop, until: Callable[[], bool] = lambda: False,
                  idle: float = IDLE) -> None:
    """Do `work`, which tells whether more may be left to do, until `stop` is set, or until `until` tells, asked when
    there was nothing to do, that no more will come; `idle` seconds later there may be.

    A server that is away is waited for; nothing is lost meanwhile.
    """
    pause = 0.0
    while not stop.is_set:
        try:
            busy = work()
            ended = not busy and until()
        except (RedisError, Error) as error:
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
        if ended:
            return
        if not busy:
            stop.wait(idle)


def is_away(error: Exception) -> bool:
    """Whether an error tells that a server cannot do its work now, and not that it was asked something wrong."""
    if isinstance(error, RedisError):
        return True
    if state := getattr(error.__cause__, "sqlstate", None):
        return isinstance(error, Error) and state.startswith(OF_THE_SERVER)
    return isinstance(error, OperationalError | InterfaceError)


def took_too_long(error: Exception) -> bool:
    """Whether the database ended a statement that took longer than it allows."""
    return getattr(error.__cause__, "sqlstate", None) == TOOK_TOO_LONG


def stop_at_signals() -> Stop:
    """What the first SIGINT or SIGTERM sets, so that the work in hand is finished; a second ends at once."""
    stop = Stop()

    def handle(number: int, frame: Any) -> None:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_DFL)
        stop.set()

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

    def hasten(self) -> None:
        """It is time again at once."""
        self.next = self.clock()
