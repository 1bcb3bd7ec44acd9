"""A cluster under load, as a fault treats it: what it hurts and what it waits for."""

import os
import signal
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import psycopg

from ops.cluster import etcd
from ops.cluster.drill.load import Load
from ops.cluster.drill.network import Spot
from ops.cluster.local import Cluster
from ops.servers import ServersError

PATIENCE = 90.0  # seconds for anything that heals by itself
LOOK_EVERY = 0.1  # seconds
STREAMS = "SELECT 1 FROM pg_stat_replication WHERE application_name = %s AND state = 'streaming'"


class Unhealed(RuntimeError):
    """What should have come back did not."""


@dataclass
class Ground:
    cluster: Cluster
    load: Load
    spots: dict[str, Spot] = field(default_factory=dict)  # by node, where the drill made the network
    struck: float = 0.0  # moments of time.monotonic: of the first blow, and since when what was hurt may come back
    free: float = 0.0
    led: float | None = None  # seconds from `struck` until another primary said so
    back: float | None = None  # seconds from `free` until what was hurt took part again

    def leader(self) -> str:
        """The node whose PostgreSQL is the primary."""
        found = self.cluster.leader()
        if found is None:
            raise Unhealed("the cluster has no primary")
        return found

    def is_led_by_another(self, node: str) -> bool:
        return self.cluster.leader() not in (None, node)

    def standby(self) -> str:
        """The node of the synchronous standby."""
        for member in self.cluster.members():
            if member.role == "sync_standby":
                return member.name
        raise Unhealed("the cluster has no synchronous standby")

    def have_etcd_led_from(self, node: str) -> None:
        """The hardest case: etcd's next leader gives whoever held Patroni's key its whole time once more."""
        etcd.give_lead(self.cluster.nodes, node)

    def master(self, kept: str) -> str:
        """The node whose Valkey is the master of the cache, or of the streams."""
        found = self.cluster.master(kept)
        if found is None:
            raise Unhealed(f"{kept} has no master")
        return found

    def until_mastered_by_another(self, kept: str, node: str) -> None:
        self.until(f"another master of {kept} than {node}", lambda: self.cluster.master(kept) not in (None, node))

    def strike(self, node: str, *parts: str) -> None:
        """kill -9 these parts of a node, in this order. Raises Unhealed, and kills nothing, when one does not run:
        what a fault killed before it has started again before it strikes the same part once more.
        """
        pids = {part: self.cluster.server(node, part).pid() for part in parts}
        if dead := [part for part, pid in pids.items() if pid is None]:
            raise Unhealed(f"{node} has no {' and no '.join(dead)} running that could be killed")
        self.struck = self.struck or time.monotonic()
        for pid in filter(None, pids.values()):
            os.kill(pid, signal.SIGKILL)
        self.free = time.monotonic()

    def restart(self, node: str) -> None:
        """Start again all of a node that does not run, as an operator or systemd would."""
        self.free = time.monotonic()
        self.cluster.start(node)

    def hold(self, seconds: float) -> None:
        """Leave it as it is for so long, under load."""
        time.sleep(seconds)

    def until(self, what: str, condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Raises Unhealed when `what` is not so within these seconds."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise Unhealed(f"{what}: not within {seconds:.0f} s")
            time.sleep(LOOK_EVERY)

    def until_led_by_another(self, node: str) -> None:
        self.until(f"another primary than {node}", lambda: self.is_led_by_another(node))
        self.led = time.monotonic() - self.struck

    def until_written(self) -> None:
        """Until each writer was answered by what is here now."""
        since = time.monotonic()
        self.until("writes by every client", lambda: all_after(since, self.load.log.writes.values()))

    def until_back(self, node: str) -> None:
        """Until the node's PostgreSQL takes part again, as a streaming standby or as the primary."""
        self.until(f"{node} as a streaming standby", lambda: self.takes_part(node))
        self.back = time.monotonic() - self.free

    def takes_part(self, node: str) -> bool:
        """As the primary itself sees it: what Patroni's members say of each other may be some seconds old."""
        primary = self.cluster.leader()
        if primary in (None, node):
            return primary == node
        try:
            with self.cluster.connect(primary) as connection:
                return connection.execute(STREAMS, [node]).fetchone() is not None
        except (psycopg.Error, ServersError):
            return False

    def until_whole(self) -> None:
        """Until nothing is amiss: all parts run, and all standbys and replicas follow."""
        self.until("every part of the cluster", self.cluster.is_whole)


def all_after(since: float, times: Iterable[list[float]]) -> bool:
    return all(moments and moments[-1] > since for moments in times)
