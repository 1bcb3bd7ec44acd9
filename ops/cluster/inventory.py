"""The inventory of a cluster on several hosts: a TOML file, as docs/cluster.md describes it.

Whatever is wrong in it is an InventoryWrong that names the key.
"""

import re
import secrets
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any, TypeVar

from ops.cluster.state import ROLES
from ops.cluster.topology import PROXY_PORTS, VALKEYS, Node, Proxy, Tls, Topology, common_settings, machine_settings
from ops.servers.errors import ServersError
from ops.servers.machine import GB, Machine
from ops.servers.postgres_settings import quantity
from ops.servers.state import write_private

T = TypeVar("T")
PARTS = {"etcd": ("etcd",), "database": ("patroni", "postgres"), "valkey": VALKEYS, "sentinel": ("sentinel",),
         "proxy": ()}  # of each role
LEAST = {"etcd": 3, "database": 2, "valkey": 2, "sentinel": 3, "proxy": 1}  # hosts of each role
PORTS = {"etcd": 2379, "etcd_peer": 2380, "postgres": 5432, "patroni": 8008, "cache": 6379, "streams": 6380,
         "sentinel": 26379}
PROXY = dict(zip(PROXY_PORTS, (5000, 5001, 5002, 5003), strict=True))
OLDEST, NEWEST = 15, 18
NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")
PASSWORD = re.compile(r"[A-Za-z0-9._~-]{16,}")  # needs no quoting in any file or URL
CLUSTER_KEYS = {"token": str, "passwords": str, "clients": list, "postgresql_version": int, "directory": str,
                "postgresql_binaries": str, "patroni": str, "valkey_server": str, "without_tls": bool}
HOST_KEYS = {"name": str, "address": str, "memory": str, "roles": list}
TLS_KEYS = {"certificate": str, "key": str, "authority": str}
KINDS = {str: "a text", int: "a whole number", list: "a list of texts", bool: "true or false"}


class InventoryWrong(ServersError):
    """The inventory cannot be used; the text names the key and what it must be."""


@dataclass(frozen=True)
class Inventory:
    """`programs` are the paths on the hosts of what they run."""

    topology: Topology
    directory: Path
    programs: Mapping[str, str]

    def proxy(self, node: Node) -> Proxy | None:
        """The proxy on the node's host."""
        return next((proxy for proxy in self.topology.proxies if proxy.name == node.name), None)


def read(path: Path, make_passwords: bool = False) -> Inventory:
    """Raises InventoryWrong. A file of passwords that is not there is made only if that is wanted."""
    try:
        given = tomllib.loads(path.read_text())
    except OSError as error:
        raise InventoryWrong(f"{path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InventoryWrong(f"{path}: {error}") from error
    try:
        return understand(given, path.parent, make_passwords)
    except InventoryWrong as error:
        raise InventoryWrong(f"{path}: {error}") from None


def understand(given: dict[str, Any], folder: Path, make_passwords: bool) -> Inventory:
    """The inventory that is told; its file of passwords is looked for, or made, in `folder`."""
    refuse_unknown("", given, {"cluster", "hosts", "tls", "ports"})
    cluster = table("cluster", given.get("cluster", {}), CLUSTER_KEYS)
    hosts = [table(f"hosts[{number}]", host, HOST_KEYS) for number, host in enumerate(listed(given), 1)]
    check_hosts(hosts)
    tls = tls_of(given.get("tls"), cluster)
    directory = Path(absolute("cluster.directory", cluster.get("directory", "/var/lib/foodshare-cluster")))
    ports = ports_of(given.get("ports", {}))
    version = cluster.get("postgresql_version", NEWEST)
    if not OLDEST <= version <= NEWEST:
        raise InventoryWrong(f"cluster.postgresql_version: must be from {OLDEST} to {NEWEST}, not {version}")
    programs = programs_of(cluster, version)
    nodes = tuple(node_of(host, ports, directory, tls, programs, version) for host in hosts)
    proxies = tuple(Proxy("127.0.0.1", {port: ports[f"proxy_{port}"] for port in PROXY_PORTS}, directory / "haproxy",
                          authority=tls.authority if tls else "", name=host["name"], host=host["address"])
                    for host in hosts if "proxy" in roles(host))
    token, clients = required("cluster", cluster, "token"), tuple(clients_of(cluster))
    passwords = passwords_of(cluster, folder, make_passwords)
    return Inventory(Topology(nodes, proxies, passwords, token, common_settings(version), clients), directory, programs)


def listed(given: dict[str, Any]) -> list[Any]:
    hosts = given.get("hosts")
    if not isinstance(hosts, list) or not hosts:
        raise InventoryWrong("hosts: must be a list of [[hosts]]")
    return hosts


def table(where: str, given: Any, keys: Mapping[str, type]) -> dict[str, Any]:
    """The table with keys and kinds checked."""
    if not isinstance(given, dict):
        raise InventoryWrong(f"{where}: must be a table")
    refuse_unknown(f"{where}.", given, keys)
    for key, value in given.items():
        if not is_of(keys[key], value):
            raise InventoryWrong(f"{where}.{key}: must be {KINDS[keys[key]]}")
    return given


def is_of(kind: type, value: Any) -> bool:
    """A list must be one of texts."""
    if type(value) is not kind:
        return False
    return not isinstance(value, list) or all(isinstance(each, str) for each in value)


def refuse_unknown(where: str, given: Mapping[str, Any], known: Any) -> None:
    for key in given:
        if key not in known:
            raise InventoryWrong(f"{where}{key}: is not known; there are {', '.join(sorted(known))}")


def required(where: str, given: Mapping[str, Any], key: str) -> str:
    if not given.get(key):
        raise InventoryWrong(f"{where}.{key}: must be given")
    return str(given[key])


def absolute(where: str, text: str) -> str:
    """A path on a host."""
    if not text.startswith("/") or re.search(r"[\s\"'%]", text):
        raise InventoryWrong(f"{where}: must be an absolute path without spaces or quotes, not {text!r}")
    return text


def roles(host: Mapping[str, Any]) -> Sequence[str]:
    """All, where there is no such key."""
    named: list[str] = host.get("roles", list(PARTS))
    return named


def check_hosts(hosts: Sequence[Mapping[str, Any]]) -> None:
    """Names, addresses and roles, each of them and together."""
    for number, host in enumerate(hosts, 1):
        where = f"hosts[{number}]"
        if not NAME.fullmatch(required(where, host, "name")):
            raise InventoryWrong(f"{where}.name: must be small letters, digits and hyphens, not {host['name']!r}")
        check_address(f"{where}.address", required(where, host, "address"))
        if not roles(host):
            raise InventoryWrong(f"{where}.roles: must name one of {', '.join(PARTS)}; without this key it has all")
        for role in roles(host):
            if role not in PARTS:
                raise InventoryWrong(f"{where}.roles: {role!r} is not known; there are {', '.join(PARTS)}")
    check_loopback(hosts)
    for key in ("name", "address"):
        [(value, count)] = Counter(host[key] for host in hosts).most_common(1)
        if count > 1:
            raise InventoryWrong(f"hosts: {count} of them have the {key} {value}")
    for role, least in LEAST.items():
        count = sum(role in roles(host) for host in hosts)
        if count < least:
            raise InventoryWrong(f"hosts: {role} must be a role of at least {least} of them, not of {count}")
        if role == "etcd" and count % 2 == 0:
            raise InventoryWrong(f"hosts: etcd must be a role of an odd number of them, not of {count}")


def check_address(where: str, text: str) -> None:
    try:
        address = ip_address(text)
    except ValueError:
        raise InventoryWrong(f"{where}: must be an IP address, not {text!r}") from None
    if address.is_unspecified:
        raise InventoryWrong(f"{where}: must be the address where the others reach the host, not {text}")


def check_loopback(hosts: Sequence[Mapping[str, Any]]) -> None:
    """All of them there is a trial on one machine; one among others, none of these could reach."""
    at_home = [ip_address(host["address"]).is_loopback for host in hosts]
    if any(at_home) and not all(at_home):
        number = at_home.index(True)
        raise InventoryWrong(f"hosts[{number + 1}].address: must be the address where the others reach the host, not "
                             f"{hosts[number]['address']}")


def tls_of(given: Any, cluster: Mapping[str, Any]) -> Tls | None:
    if given is None:
        if not cluster.get("without_tls"):
            raise InventoryWrong("tls: must be given; with cluster.without_tls = true passwords and data "
                                 "cross the network for all to read")
        return None
    paths = table("tls", given, TLS_KEYS)
    return Tls(**{key: absolute(f"tls.{key}", required("tls", paths, key)) for key in TLS_KEYS})


def ports_of(given: Any) -> dict[str, int]:
    """All ports, by the name of what listens there; the proxy's begin with proxy_."""
    known = PORTS | {f"proxy_{name}": port for name, port in PROXY.items()}
    ports = known | table("ports", given, dict.fromkeys(known, int))
    for name, port in ports.items():
        if not 1024 <= port <= 65_535:
            raise InventoryWrong(f"ports.{name}: must be from 1024 to 65535, not {port}")
    [(port, count)] = Counter(ports.values()).most_common(1)
    if count > 1:
        raise InventoryWrong(f"ports: {' and '.join(name for name in ports if ports[name] == port)} are all {port}")
    return ports


def programs_of(cluster: Mapping[str, Any], version: int) -> dict[str, str]:
    found = {"postgresql_binaries": f"/usr/lib/postgresql/{version}/bin", "patroni": "/opt/foodshare/.venv/bin/patroni",
             "valkey_server": "/usr/bin/redis-server"}
    found |= {key: cluster[key] for key in found if key in cluster}
    return {key: absolute(f"cluster.{key}", path) for key, path in found.items()}


def node_of(host: Mapping[str, Any], ports: Mapping[str, int], directory: Path, tls: Tls | None,
            programs: Mapping[str, str], version: int) -> Node:
    machine = Machine(memory_of(host), GB)
    return Node(host["name"], host["address"], ports, directory,
                parts=tuple(part for role in roles(host) for part in PARTS[role]), tls=tls,
                binaries=programs["postgresql_binaries"], version=version, settings=machine_settings(machine))


def memory_of(host: Mapping[str, Any]) -> int:
    """Bytes. PostgreSQL takes shares of it."""
    text = required(f"host {host['name']}", host, "memory")
    try:
        memory = int(quantity(text))
    except (ValueError, KeyError, OverflowError):
        memory = 0
    if memory < GB:
        raise InventoryWrong(f"host {host['name']}.memory: must be at least 1GB, not {text!r}")
    return memory


def clients_of(cluster: Mapping[str, Any]) -> list[str]:
    """Addresses and networks from where the application's database is used."""
    for number, text in enumerate(cluster.get("clients", []), 1):
        try:
            ip_network(text)
        except ValueError:
            raise InventoryWrong(f"cluster.clients[{number}]: must be an IP address or network, not {text!r}") from None
    return list(cluster.get("clients", []))


def passwords_of(cluster: Mapping[str, Any], folder: Path, make: bool) -> dict[str, str]:
    """From the file that the inventory names. Others than those that the hosts have would lock them out."""
    path = folder / cluster.get("passwords", "passwords.toml")
    if not path.exists():
        if not make:
            raise InventoryWrong(f"cluster.passwords: {path} is not there. Only `manage.py cluster render` makes it: "
                                 "run this where that was run, or copy the file from there")
        write_private(path, "".join(f'{role} = "{secrets.token_hex(24)}"\n' for role in (*ROLES, "secret_key")),
                      folder.stat().st_uid, folder.stat().st_gid)
    try:
        given = tomllib.loads(path.read_text())
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InventoryWrong(f"cluster.passwords: {path}: {error}") from error
    if path.stat().st_mode & 0o077:
        raise InventoryWrong(f"cluster.passwords: others may read {path}; chmod 600 it")
    for role in (*ROLES, "secret_key"):
        if not PASSWORD.fullmatch(f"{given.get(role, '')}"):
            raise InventoryWrong(f"cluster.passwords: {role} in {path} must be 16 or more letters, digits, '.', '_', "
                                 "'~' or '-'")
    return given
