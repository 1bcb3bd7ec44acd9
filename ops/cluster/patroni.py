"""Patroni: asking its members, and telling them."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ops.cluster.rest import NoAnswer, ask, basic
from ops.cluster.topology import Node
from ops.servers.errors import ServersError
from ops.servers.process import wait_until

WORKING = {"running", "streaming"}


@dataclass(frozen=True)
class Member:
    """A PostgreSQL server as Patroni knows it. `role` is primary, sync_standby or replica."""

    name: str
    role: str
    state: str
    timeline: int | None
    lag: int | None  # bytes not yet replayed, as far as known

    @classmethod
    def told(cls, answer: dict[str, Any]) -> "Member":
        lag = answer.get("lag")
        role = "primary" if answer["role"] == "leader" else answer["role"].replace("quorum_standby", "sync_standby")
        return cls(answer["name"], role, answer["state"], answer.get("timeline"),
                   lag if isinstance(lag, int) else None)

    def __str__(self) -> str:
        return f"{self.role}, {self.state}, timeline {self.timeline}"

    @property
    def is_well(self) -> bool:
        return self.state in WORKING


def members(nodes: Iterable[Node]) -> list[Member]:
    """What the first member that answers says of all; none if none answers."""
    for node in nodes:
        try:
            answer = ask("GET", f"{url(node)}/cluster", tls=node.tls, timeout=2.0)
            return [Member.told(each) for each in answer["members"]]
        except (NoAnswer, KeyError, TypeError):
            continue
    return []


def describe(node: Node) -> str:
    """For people: whether this Patroni is well. Empty: no answer."""
    try:
        ask("GET", f"{url(node)}/liveness", tls=node.tls, timeout=2.0)
    except NoAnswer as refusal:
        return "its heartbeat stopped" if refusal.status else ""
    return "its heart beats"


def leader(nodes: Iterable[Node]) -> Node | None:
    """The node that says it is the primary. By its own word, as during a failover others may not know yet."""
    for node in nodes:
        try:
            ask("GET", f"{url(node)}/primary", tls=node.tls, timeout=2.0)
        except NoAnswer:
            continue
        return node
    return None


def is_settled(nodes: list[Node]) -> bool:
    """Whether there is a primary, all others follow it, and one of them is synchronous."""
    found = members(nodes)
    roles = [member.role for member in found]
    return (len(found) == len(nodes) and all(member.is_well for member in found)
            and roles.count("primary") == 1 and (len(nodes) == 1 or "sync_standby" in roles))


def configure(nodes: list[Node], password: str, settings: dict[str, Any]) -> None:
    """Set what etcd keeps for all of them, and have each read its own file again."""
    proof = basic("patroni", password)
    ask("PATCH", f"{url(nodes[0])}/config", settings, nodes[0].tls, Authorization=proof)
    for node in nodes:
        ask("POST", f"{url(node)}/reload", {}, node.tls, Authorization=proof)


def switch_over(nodes: list[Node], password: str, candidate: str | None, seconds: float = 60.0) -> str:
    """Hand the place of the primary to the candidate, or to the synchronous standby. Returns who has it.

    Raises ServersError where there is no primary, Patroni refuses, or it is not done in time.
    """
    present = leader(nodes)
    if present is None:
        raise ServersError("There is no primary now, so none can hand over; look at `manage.py cluster status`.")
    wanted = {"leader": present.name} | ({"candidate": candidate} if candidate else {})
    try:
        ask("POST", f"{url(present)}/switchover", wanted, present.tls, seconds,
            Authorization=basic("patroni", password))
    except NoAnswer as refusal:
        raise ServersError(f"Patroni refuses the switchover. {refusal}") from refusal
    if not wait_until(lambda: handed_over(nodes, present), seconds):
        raise ServersError(f"No other primary than {present.name} within {seconds:.0f} s; see its log.")
    found = leader(nodes)
    return found.name if found else ""


def handed_over(nodes: list[Node], former: Node) -> bool:
    """Whether another is the primary and all follow it."""
    time.sleep(0.2)
    found = leader(nodes)
    return found is not None and found != former and is_settled(nodes)


def url(node: Node) -> str:
    return f"{node.scheme}://{node.at('patroni')}"
