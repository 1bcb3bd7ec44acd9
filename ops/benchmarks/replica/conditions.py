"""What becomes of the standbys while people read and write."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ops.benchmarks.replica.servers import Replicated

WRITERS = 2  # connections of the write load
ROWS = 1000  # that it changes
MAKE_ROWS = (
    "CREATE TABLE benchmark_load (id int PRIMARY KEY, number bigint, text text)",
    f"INSERT INTO benchmark_load SELECT n, 0, repeat('x', 500) FROM generate_series(1, {ROWS}) AS n")
CHANGE_ROW = "UPDATE benchmark_load SET number = number + 1 WHERE id = %s"


def healthy(servers: Replicated, seconds: float, rate: int) -> None:
    time.sleep(seconds)


def late(by: float, count: int, servers: Replicated, seconds: float, rate: int) -> None:
    """So many standbys replay late."""
    for standby in servers.standbys[:count]:
        servers.delay(standby, by)
    time.sleep(seconds)
    for standby in servers.standbys[:count]:
        servers.delay(standby, 0)


def paused(servers: Replicated, seconds: float, rate: int) -> None:
    """One standby replays nothing for half of the time."""
    time.sleep(seconds / 4)
    servers.tell(servers.standbys[0], "SELECT pg_wal_replay_pause()")
    time.sleep(seconds / 2)
    servers.tell(servers.standbys[0], "SELECT pg_wal_replay_resume()")
    time.sleep(seconds / 4)


def killed(servers: Replicated, seconds: float, rate: int) -> None:
    """One standby is killed, and started again after a while."""
    time.sleep(seconds / 4)
    servers.kill(servers.standbys[0])
    time.sleep(seconds / 4)
    servers.restart(servers.standbys[0])
    time.sleep(seconds / 2)


def written(servers: Replicated, seconds: float, rate: int) -> None:
    """Others commit so often a second, for three times as long."""
    until = time.monotonic() + 3 * seconds
    writers = [threading.Thread(target=write, args=(servers, rate / WRITERS, until), daemon=True)
               for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()


def make_rows(servers: Replicated) -> None:
    """What `written` changes."""
    for statement in MAKE_ROWS:
        servers.tell(servers.primary, statement)


def write(servers: Replicated, rate: float, until: float) -> None:
    with servers.connect(servers.primary) as connection:
        next_at = time.monotonic()
        while next_at < until:
            time.sleep(max(next_at - time.monotonic(), 0))
            connection.execute(CHANGE_ROW, [random.randint(1, ROWS)])  # noqa: S311 - chance, not a secret
            next_at += 1 / rate


@dataclass(frozen=True)
class Condition:
    """`behind` is how many seconds a standby must fall behind at least for it to be the condition."""

    name: str
    during: Callable[[Replicated, float, int], None]
    behind: float = 0.0


STARTING, HEALTHY, WRITTEN = "starting", "healthy", "written"
CONDITIONS = {
    STARTING: Condition("just started", healthy),
    HEALTHY: Condition("healthy", healthy),
    "near": Condition("one 50 ms late", partial(late, 0.05, 1), 0.02),
    "both": Condition("both 50 ms late", partial(late, 0.05, 2), 0.02),
    "late": Condition("one 0.3 s late", partial(late, 0.3, 1), 0.2),
    "far": Condition("both 2 s late", partial(late, 2.0, 2), 1.0),
    "paused": Condition("one paused", paused, 0.5),
    "killed": Condition("one killed", killed),
    WRITTEN: Condition("many writes", written),
}
CHOICES = [name for name in CONDITIONS if name != STARTING]
