"""Document A's connection pools: psycopg's own, made to outlive the loss of every connection."""

import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connections
from psycopg import Connection, OperationalError
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool, PoolTimeout

TENTH = 0.1  # seconds between two looks whether an answer has come
ATTEMPT = 0.25  # seconds to wait for a connection before looking whether one can come at all
PATIENCE = 2.0  # seconds to wait for a server that refuses connections, as one does that is being restarted
SHORT_PATIENCE = 0.5  # seconds to wait, whatever the reason, where another server can answer instead
STANDBY_SILENCE = 1.5  # seconds after which a standby's silence means that it hangs
DRAIN_PAUSE = 0.25  # seconds in which the connections of one mass loss are found dead by several threads

# Whether to wait no longer, asked every tenth of a second in which a server does not answer; None: wait.
gives_up: ContextVar[Callable[[], bool] | None] = ContextVar("gives_up", default=None)


@contextmanager
def giving_up(seconds: float) -> Iterator[None]:
    """Wait for no answer beyond so many seconds from now. What then has none raises OperationalError."""
    deadline = time.monotonic() + seconds
    token = gives_up.set(lambda: time.monotonic() > deadline)
    try:
        yield
    finally:
        gives_up.reset(token)


class Pool(ConnectionPool[Connection[Any]]):
    """A pool whose dead connections are replaced all at once, and where no one queues for a server that is down.

    psycopg checks a connection as it hands it out, and pauses longer after each dead one: 21 of them take more
    than the timeout. Here the first one found dead drains the pool. psycopg also retries lost connections at
    growing intervals, minutes in the end; here they are given up at once, and made anew when asked for.
    """

    def __init__(self, *, standby: bool = False, **options: Any) -> None:
        self.standby = standby
        self.emptying = threading.Lock()
        self.emptied_at = 0.0
        super().__init__(open=False, check=self.check_or_drain, reconnect_timeout=0,
                         connection_class=StandbyConnection if standby else PatientConnection, **options)

    def check_or_drain(self, connection: Connection[Any]) -> None:
        """Raise OperationalError if `connection` is dead, after sending away the idle ones that died with it."""
        try:
            self.check_connection(connection)
        except OperationalError:
            with self.emptying:
                due = time.monotonic() - self.emptied_at > DRAIN_PAUSE
                self.emptied_at = time.monotonic() if due else self.emptied_at
            if due:
                self.drain()
            raise

    def getconn(self, timeout: float | None = None) -> Connection[Any]:
        """A live connection. Raises PoolTimeout after `timeout` seconds without a free one, sooner without a server."""
        is_enough = gives_up.get()
        start, patience = time.monotonic(), SHORT_PATIENCE if self.standby or is_enough else PATIENCE
        deadline = start + (self.timeout if timeout is None else timeout)
        failures = self.failures()
        while True:
            try:
                return super().getconn(min(ATTEMPT, deadline - time.monotonic()))
            except PoolTimeout:
                waited = time.monotonic() - start
                hopeless = self.standby or self.failures() > failures or (is_enough is not None and is_enough())
                if time.monotonic() >= deadline or (hopeless and waited >= patience):
                    raise PoolTimeout(f"no connection to the {self.name} database within {waited:.1f} s") from None

    def failures(self) -> int:
        """How many connections could not be made so far."""
        return self.get_stats().get("connections_errors", 0)


class PatientConnection(Connection[Any]):
    """A connection that is waited for until `gives_up` says so: a server that is paused or cut off neither answers nor
    refuses."""

    def wait(self, gen: Any, interval: float = TENTH, timeout: float | None = None) -> Any:
        is_enough = gives_up.get()
        try:
            return super().wait(gen if is_enough is None else until(is_enough, gen), interval, timeout)
        except OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.close()  # the answer may still come, to no question
            raise


class StandbyConnection(PatientConnection):
    """The same, for no longer than STANDBY_SILENCE."""

    def wait(self, gen: Any, interval: float = TENTH, timeout: float | None = None) -> Any:
        return super().wait(gen, interval, STANDBY_SILENCE if timeout is None else timeout)


def until(is_enough: Callable[[], bool], answer: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
    """What psycopg waits for. Raises OperationalError once it is enough."""
    came = None
    while True:
        try:
            awaited = answer.send(came)
        except StopIteration as end:
            return end.value
        came = yield awaited
        if not came and is_enough():
            raise OperationalError("the server does not answer; it is not waited for")


def statistics() -> dict[str, dict[str, float]]:
    """What this process's pools have done, by database alias.

    `size` and `available` are connections now; `requests` and `waited` count since the start, `failed` those that
    got none; `efficiency` is the percentage of requests served without waiting.
    """
    pools = {connection.alias: getattr(connection, "pool", None) for connection in connections.all()}
    return {alias: summary(pool.get_stats()) for alias, pool in pools.items() if pool and not pool.closed}


def summary(stats: dict[str, int]) -> dict[str, float]:
    requests, waited = stats.get("requests_num", 0), stats.get("requests_queued", 0)
    return {
        "size": stats["pool_size"],
        "available": stats["pool_available"],
        "maximum": stats["pool_max"],
        "waiting": stats.get("requests_waiting", 0),
        "requests": requests,
        "waited": waited,
        "failed": stats.get("requests_errors", 0),
        "wait_ms": stats.get("requests_wait_ms", 0),
        "efficiency": 100.0 * (requests - waited) / requests if requests else 100.0,
    }
