"""A network of the drill's own: every node in a namespace, all on one bridge, so that links can be cut.

Needs root and a kernel that lets it; beside these namespaces only the bridge is added. There is one such network on a
machine: its names are fixed, so that what a killed drill left is found.
"""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ops.cluster.drill.alone import alone

BRIDGE = "fsdrill"
NETWORK = "10.77.0"
HERE = f"{NETWORK}.254"  # the bridge's own address: where the proxy and the platform are
LOCK = Path("/run") / f"{BRIDGE}.lock"  # where root alone may make files: in /tmp anybody could lay a link for it
NOBODY = "02:00:00:00:00:00"  # a hardware address that no interface has


class NetworkRefused(RuntimeError):
    """The machine lets nobody make namespaces or links, or not us."""


@dataclass(frozen=True)
class Spot:
    """Where one node lives."""

    number: int

    @property
    def address(self) -> str:
        return f"{NETWORK}.{10 + self.number}"

    @property
    def namespace(self) -> str:
        return f"{BRIDGE}-{self.number}"

    @property
    def link(self) -> str:
        """The bridge's end of its only link."""
        return f"{BRIDGE}{self.number}"

    @property
    def prefix(self) -> tuple[str, ...]:
        """Put before a command, has it run there."""
        return ("ip", "netns", "exec", self.namespace)


@contextmanager
def network(nodes: int) -> Iterator[list[Spot]]:
    """So many spots, gone with the block; what a killed drill left is replaced. Raises Busy, NetworkRefused."""
    spots = [Spot(number) for number in range(1, nodes + 1)]
    ip("-Version")
    with ExitStack() as stack:
        try:
            stack.enter_context(alone(LOCK))
        except OSError as error:
            raise refused(f"{LOCK}: {error.strerror}") from error
        clear(spots)
        try:
            make(spots)
            yield spots
        finally:
            clear(spots)


def make(spots: list[Spot]) -> None:
    ip("link", "add", BRIDGE, "type", "bridge")
    ip("address", "add", f"{HERE}/24", "dev", BRIDGE)
    ip("link", "set", BRIDGE, "up")
    for spot in spots:
        ip("netns", "add", spot.namespace)
        ip("link", "add", spot.link, "type", "veth", "peer", "name", "eth0", "netns", spot.namespace)
        ip("link", "set", spot.link, "master", BRIDGE, "up")
        inside(spot, "address", "add", f"{spot.address}/24", "dev", "eth0")
        inside(spot, "link", "set", "eth0", "up")
        inside(spot, "link", "set", "lo", "up")


def clear(spots: list[Spot]) -> None:
    """What is not there is no failure. A namespace's end takes its link with it."""
    for spot in spots:
        run("ip", "netns", "delete", spot.namespace)
        run("ip", "link", "delete", spot.link)
    run("ip", "link", "delete", BRIDGE)


def cut_off(spot: Spot) -> None:
    """As if the node's cable were pulled: nobody reaches it, and nothing says so."""
    ip("link", "set", spot.link, "down")


def join_again(spot: Spot) -> None:
    ip("link", "set", spot.link, "up")


def part(spot: Spot, others: list[Spot]) -> None:
    """Cut the node off from the other nodes, while the proxy and the platform still reach it."""
    for other in others:
        inside(spot, "neighbour", "replace", other.address, "lladdr", NOBODY, "dev", "eth0", "nud", "permanent")
        inside(other, "neighbour", "replace", spot.address, "lladdr", NOBODY, "dev", "eth0", "nud", "permanent")


def unite(spot: Spot, others: list[Spot]) -> None:
    for other in others:
        inside(spot, "neighbour", "delete", other.address, "dev", "eth0")
        inside(other, "neighbour", "delete", spot.address, "dev", "eth0")


def inside(spot: Spot, *arguments: str) -> None:
    ip("-netns", spot.namespace, *arguments)


def ip(*arguments: str) -> None:
    """Raises NetworkRefused with what it said."""
    done = run("ip", *arguments)
    if done.returncode:
        raise refused(f"ip {' '.join(arguments)}: {done.stderr.strip()}")


def refused(what: str) -> NetworkRefused:
    return NetworkRefused(f"this machine refuses what the network's fault needs (as root, with iproute2): {what}")


def run(*command: str) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        return subprocess.CompletedProcess(command, 127, "", f"{error}")
