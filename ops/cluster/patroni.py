"""Patroni: asking its members, and telling them."""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ops.cluster.rest import NoAnswer, ask, basic
from ops.cluster.topology import Node
from ops.servers.errors import ServersError
from ops.servers.process import wait_until

ANSWER_WITHIN = 2.0  # seconds


@dataclass(frozen=True)
class Member:
    """A PostgreSQL server by its own word. `role` is primary, sync_standby or replica."""

    name: str
    role: str
    state: str  # of a standby that follows: streaming; of a primary: running
    timeline: int | None

    @classmethod
    def told(cls, name: str, answer: dict[str, Any]) -> "Member":
        role = "sync_standby" if answer.get("sync_standby") else answer.get("role", "replica")
        return cls(name, role, answer.get("replication_state") or answer["state"], answer.get("timeline"))

    def __str__(self) -> str:
        return f"{self.role}, {self.state}, timeline {self.timeline}"

    @property
    def is_well(self) -> bool:
        return self.state == ("running" if self.role == "primary" else "streaming")


def members(nodes: Iterable[Node]) -> list[Member]:
    """Those that answer. What others know of them may be as old as Patroni's ttl, so each is asked itself."""
    return [found for node in nodes if (found := member(node))]


def member(node: Node) -> Member | None:
    try:
        return Member.told(node.name, ask("GET", f"{url(node)}/patroni", tls=node.tls, timeout=ANSWER_WITHIN))
    except (NoAnswer, KeyError, TypeError):
        return None


def answers(node: Node) -> bool:
    """Whether this Patroni runs, and its work goes on."""
    try:
        ask("GET", f"{url(node)}/liveness", tls=node.tls, timeout=ANSWER_WITHIN)
    except NoAnswer:
        return False
    return True


def leader(nodes: Iterable[Node]) -> Node | None:
    """The node that says it is the primary. By its own word, as during a failover others may not know yet."""
    for node in nodes:
        try:
            ask("GET", f"{url(node)}/primary", tls=node.tls, timeout=ANSWER_WITHIN)
        except NoAnswer:
            continue
        return node
    return None


def is_settled(nodes: list[Node]) -> bool:
    """Whether there is one primary, all others follow it, and one of them is synchronous."""
    found, present = members(nodes), leader(nodes)
    roles = Counter(member.role for member in found)
    return (present is not None and len(found) == len(nodes) and all(member.is_well for member in found)
            and roles["primary"] == 1 and roles["sync_standby"] == 1
            and len({member.timeline for member in found}) == 1)


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
        raise ServersError("There is no primary now that could hand over; look at `manage.py cluster status`.")
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
