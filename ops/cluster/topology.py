"""What the templates are rendered from: which node has what, at which address, under which passwords."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from ops.servers.machine import Machine
from ops.servers.postgres_settings import SETTINGS

SCOPE = "foodshare"  # Patroni's name for the cluster
BACKUP_SLOT = "foodshare_backup"  # kept by Patroni on every member, so that it survives a failover
VALKEYS = ("cache", "streams")
ON_EVERY_NODE = ("etcd", "postgres", "patroni", "sentinel")
NODE_PORTS = ("etcd", "etcd_peer", "postgres", "patroni", "sentinel", *VALKEYS)
PROXY_PORTS = ("write", "read", *VALKEYS)


@dataclass(frozen=True)
class Tls:
    """Paths on the host of one certificate, its key, and the authority that signed all of them."""

    certificate: str
    key: str
    authority: str


@dataclass(frozen=True)
class Node:
    """One host, or what stands for one. `prefix` is put before its commands, as for a network namespace."""

    name: str
    address: str
    ports: Mapping[str, int]
    directory: Path  # below it a directory for each part: etcd, patroni, postgres, …
    parts: tuple[str, ...] = (*ON_EVERY_NODE, *VALKEYS)
    prefix: tuple[str, ...] = ()
    tls: Tls | None = None
    binaries: str = ""  # PostgreSQL's
    version: int = 18  # PostgreSQL's major version
    settings: Mapping[str, str] = field(default_factory=dict)  # PostgreSQL's that depend on the machine

    def at(self, part: str) -> str:
        """Host and port of one of its parts."""
        return f"{bracketed(self.address)}:{self.ports[part]}"

    @property
    def scheme(self) -> str:
        return "https" if self.tls else "http"


@dataclass(frozen=True)
class Proxy:
    """One HAProxy: what the application connects to."""

    address: str
    ports: Mapping[str, int]
    directory: Path
    prefix: tuple[str, ...] = ()
    authority: str = ""  # of the certificates of those behind it, where they use TLS
    name: str = "proxy"
    host: str = ""  # from where it connects, if not from its own address

    def at(self, port: str) -> str:
        return f"{bracketed(self.address)}:{self.ports[port]}"


@dataclass(frozen=True)
class Topology:
    nodes: tuple[Node, ...]
    proxies: tuple[Proxy, ...]
    passwords: Mapping[str, str]
    token: str  # etcd's, so that members of two clusters never join each other
    settings: Mapping[str, str]  # PostgreSQL's, the same on every node
    clients: tuple[str, ...] = ()  # further addresses from where the application's database is used

    def having(self, part: str) -> list[Node]:
        return [node for node in self.nodes if part in node.parts]

    @property
    def majority(self) -> int:
        """How many Sentinels must agree."""
        return len(self.having("sentinel")) // 2 + 1

    @property
    def networks(self) -> list[str]:
        """The cluster's own hosts, from where PostgreSQL is copied and managed, as pg_hba.conf writes them."""
        return networks(["127.0.0.1", *(node.address for node in self.nodes),
                         *(proxy.host or proxy.address for proxy in self.proxies)])

    @property
    def client_networks(self) -> list[str]:
        """From where else the application may use its database, as pg_hba.conf writes it."""
        return networks(self.clients)


def networks(addresses: Iterable[str]) -> list[str]:
    """Single addresses and networks, each once, with their masks."""
    return list(dict.fromkeys(text if "/" in text else f"{text}/{ip_address(text).max_prefixlen}"
                              for text in addresses))


def bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def common_settings(version: int) -> dict[str, str]:
    """PostgreSQL's settings that are the same on every machine, for a major version."""
    return {setting.name: setting.value for setting in SETTINGS
            if isinstance(setting.value, str) and setting.minimum_version <= version * 10_000}


def machine_settings(machine: Machine) -> dict[str, str]:
    """PostgreSQL's settings that follow the memory of its machine."""
    return {setting.name: setting.value_for(machine) for setting in SETTINGS if not isinstance(setting.value, str)}
