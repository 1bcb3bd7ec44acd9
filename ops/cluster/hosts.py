"""A cluster on several hosts: a folder for each with its configuration and units, and what is done once."""

from functools import partial
from pathlib import Path

from ops.cluster import etcd, patroni, valkeys
from ops.cluster.environment import environment
from ops.cluster.inventory import Inventory
from ops.cluster.rendering import render
from ops.cluster.superuser import connect
from ops.cluster.topology import VALKEYS, Node
from ops.servers import postgres
from ops.servers.errors import ServersError
from ops.servers.machine import MB
from ops.servers.state import write_private

USER = "foodshare-cluster"  # of all these servers, on every host
PGBOUNCER = 6432
VALKEY_MEMORY = 512 * MB
FILES = {"etcd": "etcd.yml", "patroni": "patroni.yml", "cache": "cache.conf", "streams": "streams.conf",
         "sentinel": "sentinel.conf", "haproxy": "haproxy.cfg"}  # of each service


def write_folders(inventory: Inventory, output: Path) -> list[Path]:
    """Write a folder for each host below `output`, readable by oneself only; answers the files."""
    written = []
    for node in inventory.topology.nodes:
        for name, text in files_of(inventory, node).items():
            path = output / node.name / name
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(path, text, -1, -1)
            written.append(path)
    return written


def files_of(inventory: Inventory, node: Node) -> dict[str, str]:
    """The text of each of a host's files, by its name in the folder."""
    topology, proxy = inventory.topology, inventory.proxy(node)
    files: dict[str, str] = {}
    if "etcd" in node.parts:
        files["etcd.yml"] = render("etcd.yml", topology, node)
    if "patroni" in node.parts:
        files["patroni.yml"] = render("patroni.yml", topology, node, watchdog="automatic")
    for kept in VALKEYS:
        if kept in node.parts:
            files[f"{kept}.conf"] = valkeys.configuration(topology, node, kept, {}, VALKEY_MEMORY)
    if "sentinel" in node.parts:
        files["sentinel.conf"] = valkeys.sentinel_configuration(topology, node, {})
    if proxy:
        files["haproxy.cfg"] = render("haproxy.cfg", topology, proxy)
        files["pgbouncer.ini"] = render("pgbouncer.ini", topology, proxy, pgbouncer=PGBOUNCER)
        files["userlist.txt"] = render("userlist.txt", topology, proxy)
        files["foodshare.env"] = render("foodshare.env", topology, proxy, variables=environment(topology, proxy) | {
            "SECRET_KEY": topology.passwords["secret_key"]})
    services = {unit: command for unit, command in commands_of(inventory, node).items()
                if unit != "haproxy" or proxy}
    for part, command in services.items():
        files[f"foodshare-{part}.service"] = render("service", topology, node, part=part, command=command, user=USER)
    files["install.sh"] = render("install.sh", topology, node, user=USER, services=services,
                                 directory=inventory.directory, files=FILES)
    return files


def commands_of(inventory: Inventory, node: Node) -> dict[str, str]:
    """What each service of the host runs; Patroni starts PostgreSQL."""
    valkey, place = inventory.programs["valkey_server"], inventory.directory
    commands = {
        "etcd": f"/usr/bin/etcd --config-file {place}/etcd/etcd.yml",
        "patroni": f"{inventory.programs['patroni']} {place}/patroni/patroni.yml",
        **{kept: f"{valkey} {place}/{kept}/{kept}.conf --daemonize no" for kept in VALKEYS},
        "sentinel": f"{valkey} {place}/sentinel/sentinel.conf --sentinel --daemonize no",
    }
    return {part: command for part, command in commands.items() if part in node.parts} | {
        "haproxy": f"/usr/sbin/haproxy -db -f {place}/haproxy/haproxy.cfg"}


def protect_etcd(inventory: Inventory) -> None:
    """Once etcd runs, and before Patroni is started: give it its passwords. May be run again."""
    words = inventory.topology.passwords
    etcd.protect(inventory.topology.having("etcd")[0], words["etcd_root"], words["etcd"])


def prepare_database(inventory: Inventory) -> str:
    """Once there is a primary: roles, database, rights. May be run again. Answers where the primary is."""
    topology = inventory.topology
    leader = patroni.leader(topology.having("patroni"))
    if leader is None:
        raise ServersError("No host says it has the primary; look at `patronictl list` on one of them.")
    postgres.prepare(partial(connect, leader, topology.passwords["postgres"]), topology.passwords, are_random=False)
    return leader.name
