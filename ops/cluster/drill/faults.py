"""What is done to a cluster: each fault hurts it under load, waits until it serves again, and lets the hurt back in."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from ops.cluster.drill.ground import Ground
from ops.cluster.drill.measured import NO_OUTAGE, Bounds
from ops.cluster.drill.network import cut_off, join_again, part, unite
from ops.cluster.topology import VALKEYS

AWAY = 10.0  # seconds that what nothing depends on is left dead
LONGER_THAN_TTL = 30.0  # seconds, of an etcd without majority: Patroni's ttl is 20
SETTLE = 3.0  # seconds of load on the new leader before the old one comes back


@dataclass(frozen=True)
class Fault:
    """`done` says what it does, `back` what the seconds until something is back are about."""

    done: str
    back: str
    work: Callable[[Ground], None]
    bounds: Bounds = Bounds()  # noqa: RUF009 - frozen
    needs_network: bool = False


def postgres(ground: Ground) -> None:
    node = ground.leader()
    server = ground.cluster.server(node, "postgres")
    killed = server.pid()
    ground.strike(node, "postgres")
    ground.until("a new postmaster or primary",
                 lambda: server.pid() not in (None, killed) or ground.is_led_by_another(node))
    ground.until_written()
    ground.until_back(node)


def node(ground: Ground) -> None:
    name = ground.leader()
    ground.have_etcd_led_from(name)
    ground.strike(name, "patroni", "postgres", "etcd", "sentinel", *VALKEYS)
    leave_to_others(ground, name)
    ground.restart(name)
    ground.until_back(name)


def patroni(ground: Ground) -> None:
    name = ground.leader()
    ground.strike(name, "patroni")
    leave_to_others(ground, name)
    ground.restart(name)
    ground.until_back(name)


def standby(ground: Ground) -> None:
    name = ground.standby()
    ground.strike(name, "patroni", "postgres")
    ground.hold(AWAY)
    ground.until_written()
    ground.restart(name)
    ground.until_back(name)


def valkey(ground: Ground) -> None:
    for kept in VALKEYS:
        name = ground.master(kept)
        ground.strike(name, kept)
        ground.until_mastered_by_another(kept, name)
        ground.hold(SETTLE)
        ground.restart(name)
        ground.until_whole()
        ground.back = max(ground.back or 0, time.monotonic() - ground.free)


def etcd_member(ground: Ground) -> None:
    name = ground.leader()
    ground.have_etcd_led_from(name)
    lose_etcd(ground, [name], AWAY)


def etcd_majority(ground: Ground) -> None:
    lose_etcd(ground, [node.name for node in ground.cluster.nodes][:2], LONGER_THAN_TTL)


def lose_etcd(ground: Ground, nodes: list[str], seconds: float) -> None:
    for name in nodes:
        ground.strike(name, "etcd")
    ground.hold(seconds)
    for name in nodes:
        ground.restart(name)
    ground.until_whole()
    ground.back = time.monotonic() - ground.free


def network(ground: Ground) -> None:
    name = ground.leader()
    ground.have_etcd_led_from(name)
    ground.struck = time.monotonic()
    cut_off(ground.spots[name])
    leave_to_others(ground, name)
    join_again(ground.spots[name])
    ground.free = time.monotonic()
    ground.until_back(name)


def network_parted(ground: Ground) -> None:
    name = ground.leader()
    others = [spot for node, spot in ground.spots.items() if node != name]
    ground.have_etcd_led_from(name)
    ground.struck = time.monotonic()
    part(ground.spots[name], others)
    leave_to_others(ground, name)
    unite(ground.spots[name], others)
    ground.free = time.monotonic()
    ground.until_back(name)


def leave_to_others(ground: Ground, node: str) -> None:
    """Until another node leads, and has done so for a while."""
    ground.until_led_by_another(node)
    ground.until_written()
    ground.hold(SETTLE)


FAULTS = {
    "postgres": Fault("kill -9 of the primary's postmaster", "the old primary", postgres),
    "node": Fault("kill -9 of all on the primary's node: Patroni, PostgreSQL, etcd and its lead, Sentinel and both "
                  "Valkeys; started again once another node leads", "the old primary, from its start", node),
    "patroni": Fault("kill -9 of the primary's Patroni alone, whose PostgreSQL goes on; started again once another "
                     "node leads", "the old primary, from its Patroni's start", patroni),
    "standby": Fault(f"kill -9 of the synchronous standby and its Patroni, for {AWAY:.0f} s",
                     "the standby, from its start", standby),
    "valkey": Fault("kill -9 of the cache's master, then of the streams' master; each started again after its failover",
                    "the old master as a replica, the slower one, from its start", valkey),
    "etcd-member": Fault(f"kill -9 of etcd's leader, for {AWAY:.0f} s", "the member, from its start",
                         etcd_member, Bounds(NO_OUTAGE)),
    "etcd-majority": Fault(f"kill -9 of two of three etcds, for {LONGER_THAN_TTL:.0f} s, longer than Patroni's ttl",
                           "the members, from their start", etcd_majority, Bounds(NO_OUTAGE)),
    "network": Fault("the link of the primary's node, which leads etcd too, is down until another node leads",
                     "the old primary, from when the link is up", network, needs_network=True),
    "network-parted": Fault("the primary's node, which leads etcd too, is cut off from the other nodes, and not from "
                            "the platform, until another node leads",
                            "the old primary, from when they are united", network_parted, needs_network=True),
}
