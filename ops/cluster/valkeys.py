"""The two Valkeys of a cluster, each one master with replicas, and the Sentinels that watch over both.

A Valkey's own file and a Sentinel's are rewritten by Sentinel when a master changes. A Valkey's is made anew whenever
it is started, from what most Sentinels say; a Sentinel's is made once.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from ops.cluster.rendering import render
from ops.cluster.topology import VALKEYS, Node, Proxy, Topology
from ops.servers import valkey
from ops.servers.machine import MB

ANSWER_WITHIN = 2.0  # seconds


def masters(topology: Topology) -> dict[str, Node]:
    """The master of each, as most of the Sentinels that answer say. None answers: nothing is known."""
    sentinels = topology.having("sentinel")
    return {kept: found for kept in VALKEYS
            if (found := most_named(told(topology, sentinel, kept) for sentinel in sentinels))}


def most_named(votes: Iterable[Node | None]) -> Node | None:
    named = [node for node in votes if node]
    names = Counter(node.name for node in named)
    return max(named, key=lambda node: names[node.name], default=None)


def told(topology: Topology, sentinel: Node, kept: str) -> Node | None:
    """Whom one Sentinel calls the master."""
    try:
        with connected(sentinel, "sentinel", topology.passwords["sentinel"]) as client:
            place: Any = client.sentinel_get_master_addr_by_name(kept, return_responses=True)
    except RedisError:
        return None
    return node_at(topology, kept, *place) if place else None


def node_at(topology: Topology, kept: str, address: str, port: int | str) -> Node | None:
    return next((node for node in topology.having(kept) if (node.address, node.ports[kept]) == (address, int(port))),
                None)


def recorded(topology: Topology, files: Iterable[Path]) -> dict[str, Node]:
    """The master of each, as the newest of the Sentinels' own files has it: for when none of them runs."""
    newest: dict[str, tuple[int, Node | None]] = {}
    for text in (file.read_text() for file in files if file.exists()):
        epochs = dict(re.findall(r"^sentinel config-epoch (\S+) (\d+)", text, re.MULTILINE))
        for kept, address, port in re.findall(r"^sentinel monitor (\S+) (\S+) (\d+)", text, re.MULTILINE):
            found = int(epochs.get(kept, 0)), node_at(topology, kept, address, port)
            newest[kept] = max(newest.get(kept, found), found, key=lambda each: each[0])
    return {kept: node for kept, (_, node) in newest.items() if node}


def first_masters(topology: Topology) -> dict[str, Node]:
    """Who are the masters of a new cluster; not the same node, so that its loss is not the loss of both."""
    return {kept: topology.having(kept)[min(number, len(topology.having(kept)) - 1)]
            for number, kept in enumerate(VALKEYS)}


def configuration(topology: Topology, node: Node, kept: str, known: Mapping[str, Node], memory: int) -> str:
    """What one Valkey is started with; `memory` in bytes."""
    master = {**first_masters(topology), **known}[kept]
    return render("valkey.conf", topology, node, valkey=kept, own=valkey.OWN[kept], memory=f"{memory // MB}mb",
                  master=master if master.name != node.name else None, replicas=len(topology.having(kept)) - 1)


def sentinel_configuration(topology: Topology, node: Node, known: Mapping[str, Node]) -> str:
    return render("sentinel.conf", topology, node, masters={**first_masters(topology), **known})


def answers(topology: Topology, node: Node, part: str) -> bool:
    """Whether a Valkey, or a Sentinel, serves."""
    try:
        with connected(node, part, topology.passwords[part]) as client:
            return bool(client.ping())
    except RedisError:
        return False


def describe(topology: Topology, node: Node, part: str) -> str:
    """For people: master with so many replicas, replica of whom, or what a Sentinel watches. Empty: no answer."""
    try:
        with connected(node, part, topology.passwords[part]) as client:
            if part == "sentinel":
                return f"watches {client.info('sentinel')['sentinel_masters']} masters"
            found = client.info("replication")
    except RedisError:
        return ""
    if found["role"] == "master":
        return f"master, {found['connected_slaves']} replicas"
    return f"replica, link {found['master_link_status']}"


def are_settled(topology: Topology) -> bool:
    """Whether each has a master, followed by all its replicas, and every Sentinel knows all the others."""
    known = masters(topology)
    return (all(kept in known and follow(topology, known[kept], kept) for kept in VALKEYS)
            and all(knows_all(topology, sentinel) for sentinel in topology.having("sentinel")))


def follow(topology: Topology, master: Node, kept: str) -> bool:
    """Whether all others replicate from this one."""
    try:
        with connected(master, kept, topology.passwords[kept]) as client:
            found = client.info("replication")
    except RedisError:
        return False
    online = [value for key, value in found.items() if key.startswith("slave") and value["state"] == "online"]
    return bool(found["role"] == "master") and len(online) == len(topology.having(kept)) - 1


def knows_all(topology: Topology, sentinel: Node) -> bool:
    """Whether a Sentinel has heard of all others and of all replicas."""
    try:
        with connected(sentinel, "sentinel", topology.passwords["sentinel"]) as client:
            found = client.info("sentinel")
    except RedisError:
        return False
    watched = {value["name"]: value for key, value in found.items() if key.startswith("master")}
    sentinels = len(topology.having("sentinel"))
    return all(kept in watched and int(watched[kept]["sentinels"]) >= sentinels
               and int(watched[kept]["slaves"]) >= len(topology.having(kept)) - 1 for kept in VALKEYS)


def is_master(place: Node | Proxy, kept: str, password: str) -> bool:
    """Whether a master answers there, itself or behind the proxy."""
    try:
        with connected(place, kept, password) as client:
            return bool(client.info("replication")["role"] == "master")
    except RedisError:
        return False


@contextmanager
def connected(node: Node | Proxy, part: str, password: str) -> Iterator["Redis"]:
    client = Redis(host=node.address, port=node.ports[part], password=password, socket_timeout=ANSWER_WITHIN,
                   socket_connect_timeout=ANSWER_WITHIN, retry=Retry(NoBackoff(), 0), decode_responses=True)
    try:
        yield client
    finally:
        client.close()
