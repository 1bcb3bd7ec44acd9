"""Valkeys of the tests' own."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from redis import Redis

from ops.benchmarks import valkeys
from ops.servers.state import free_ports
from tests.web.tools import wait_for

PASSWORD = "for-tests-only"
SLOTS = 16384


class OwnValkey(valkeys.OwnValkey):
    """A server of the tests' own, which they may kill and fill."""

    def __init__(self, home: Path, name: str = "cache", port: int = 0, more: str = "") -> None:
        super().__init__(home, name, port, more, PASSWORD)

    @contextmanager
    def full(self) -> Iterator[None]:
        """It stores nothing more, and forgets nothing to make room."""
        with self.client() as client:
            before = client.config_get("maxmemory*")
            client.config_set("maxmemory-policy", "noeviction")
            client.config_set("maxmemory", 1)
            try:
                yield
            finally:
                client.config_set("maxmemory", before["maxmemory"])
                client.config_set("maxmemory-policy", before["maxmemory-policy"])

    def client(self) -> Redis:
        return Redis.from_url(self.url, decode_responses=True)


class OwnCluster:
    """A cluster of three masters, of which `url` names the first."""

    def __init__(self, home: Path) -> None:
        ports = free_ports(6)
        self.nodes = [self.node(home / str(number), *ports[2 * number:2 * number + 2]) for number in range(3)]
        self.url = self.nodes[0].url
        self.join(ports)

    def node(self, home: Path, port: int, bus: int) -> OwnValkey:
        home.mkdir()
        os.chown(home, home.parent.stat().st_uid, home.parent.stat().st_gid)
        return OwnValkey(home, port=port, more=f"cluster-enabled yes\ncluster-port {bus}\ncluster-node-timeout 2000\n")

    def join(self, ports: list[int]) -> None:
        """Give each a third of the slots, and have them meet."""
        clients = [node.client() for node in self.nodes]
        for number, client in enumerate(clients):
            first, last = SLOTS * number // 3, SLOTS * (number + 1) // 3 - 1
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", first, last)  # type: ignore[no-untyped-call]
            client.execute_command("CLUSTER", "MEET", "127.0.0.1", *ports[:2])  # type: ignore[no-untyped-call]
            client.close()
        wait_for(self.is_well)

    def is_well(self) -> bool:
        """Whether each knows the others, and that all slots are served."""
        return all(is_joined(node) for node in self.nodes)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """All nodes keep their connections and do not answer."""
        with ExitStack() as stack:
            for node in self.nodes:
                stack.enter_context(node.paused())
            yield

    def stop(self) -> None:
        for node in self.nodes:
            node.stop()


def is_joined(node: OwnValkey) -> bool:
    with node.client() as client:
        lines = str(client.execute_command("CLUSTER", "INFO")).split()
    return {"cluster_state:ok", "cluster_known_nodes:3"} <= {*lines}
