"""How many web processes and threads the databases bear, and the web server's command line."""

import os
import resource
import socket
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import NoReturn

from django.conf import settings
from django.db import connections
from django.db.utils import InterfaceError, OperationalError

from foodshare.db import members
from ops.monitoring import processes

APPLICATION = "foodshare.wsgi:application"
MOST_CONNECTIONS = 200  # document B: 1,000 clients and more with fewer than 200 database connections
OTHER_CONNECTIONS = 10  # the job worker, commands, backups and whoever looks after the server
MOST_THREADS = 16  # a worker's threads take turns at one interpreter lock; more of them only wait
CLIENTS = 2048  # connections each process holds open, idle ones among them, and as many that wait to be taken up
STOP_SECONDS = 10  # for requests in hand; then their process is killed

ROOM = """
    SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
           - coalesce(current_setting('reserved_connections', true), '0')::int,
           (SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user),
           (SELECT datconnlimit FROM pg_database WHERE datname = current_database())
"""


@dataclass(frozen=True)
class PoolSum:
    """The connections that each web process opens to some servers, and what those servers give all of them."""

    pools: dict[str, int]  # most connections, by database alias
    others: int
    limit: int
    reason: str
    watching: int = 0  # connections of each process beside its pools, by which it looks at the servers

    @property
    def of_a_worker(self) -> int:
        return sum(self.pools.values()) + self.watching

    @property
    def most_workers(self) -> int:
        return max(0, self.limit - self.others) // self.of_a_worker

    def refusal(self, workers: int) -> str | None:
        """The sum that does not fit, spelled out, and what to do; None when `workers` processes fit."""
        if workers <= self.most_workers:
            return None
        parts = [f"{size} {'primary' if alias == 'default' else alias}" for alias, size in self.pools.items()]
        parts += [f"{self.watching} that watch"] * bool(self.watching)
        total = workers * self.of_a_worker
        terms = f"{workers} worker{'s' * (workers > 1)} × ({' + '.join(parts)}) = {total} connections"
        if self.others:
            terms += f", and {self.others} for jobs and upkeep"
        smaller = f"--workers {self.most_workers} or " if self.most_workers else ""
        sizes = "POOL_OVERFLOW" if "default" in self.pools else "REPLICA_POOL_OVERFLOW"
        return f"{terms}: more than {self.limit}, {self.reason}; use {smaller}a smaller {sizes}"


def pools() -> dict[str, int]:
    """The most connections one web process keeps, by alias."""
    primary, replica = (sum(pool.values()) for pool in (settings.PRIMARY_POOL, settings.REPLICA_POOL))
    return {"default": primary, **dict.fromkeys(settings.REPLICA_ALIASES, replica)}


def pool_sums() -> list[PoolSum]:
    """Every sum that has to hold: over all pools, and over those on each server. Raises OperationalError."""
    if found := members.ask():
        members.follow(found)
    return [PoolSum(pools(), 0, MOST_CONNECTIONS, "the most FoodShare allows itself", watching(pools())),
            *server_sums()]


def watching(aliases: Collection[str]) -> int:
    """How many connections a process watches these servers by: one each, where a standby may be read."""
    return len(aliases) if settings.READ_FROM_REPLICAS else 0


def server_sums() -> Iterator[PoolSum]:
    """One sum for each server; two URLs may name the same one. A standby that is down is passed over."""
    servers: dict[tuple[str, str], dict[str, int]] = {}
    for alias, size in pools().items():
        config = connections[alias].settings_dict
        servers.setdefault((config["HOST"], str(config["PORT"])), {})[alias] = size
    for (host, port), on_server in servers.items():
        alias = next(iter(on_server))
        try:
            limit = room(alias)
        except (OperationalError, InterfaceError):
            if alias == "default":
                raise
            continue
        others = OTHER_CONNECTIONS if alias == "default" else 0
        yield PoolSum(on_server, others, limit, f"what the server {host}:{port or 5432} gives this role",
                      watching(on_server))


def room(alias: str) -> int:
    """The connections that the server of `alias` gives our role: its own limit less what it reserves."""
    with connections[alias].cursor() as cursor:
        cursor.execute(ROOM)
        return min(int(limit) for limit in cursor.fetchone() if limit >= 0)


def default_workers(sums: list[PoolSum]) -> int:
    """One process a core, as far as their pools fit."""
    return max(1, min(len(os.sched_getaffinity(0)), *(each.most_workers for each in sums)))


def default_threads() -> int:
    return min(MOST_THREADS, pools()["default"])


def refusals(sums: list[PoolSum], workers: int, threads: int) -> list[str]:
    """Why the databases cannot bear this many processes and threads; empty when they can."""
    found = [text for each in sums if (text := each.refusal(workers))]
    if threads > (pool := pools()["default"]):
        found.append(f"--threads {threads}: more than the {pool} connections of a process's pool, so that threads "
                     f"would wait for each other; use --threads {pool} or a larger POOL_OVERFLOW")
    return found


def check_address(host: str, port: int) -> None:
    """Raise OSError if a server cannot listen there. The web server itself would share a port with another one."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)


def command_line(host: str, port: int, workers: int, threads: int) -> list[str]:
    """What runs the web server: WSGI on bounded threads, so that database connections are bounded too."""
    options = {
        "--interface": "wsgi", "--host": host, "--port": port, "--workers": workers,
        "--blocking-threads": threads, "--backlog": CLIENTS, "--backpressure": CLIENTS,
        "--workers-kill-timeout": STOP_SECONDS, "--log-level": "error",
    }
    flat = [str(word) for option in options.items() for word in option]
    return [sys.executable, "-m", "ops.webserver", *flat, "--no-ws", "--respawn-failed-workers", APPLICATION]


def allow_open_files() -> None:
    """Let this process, and what it becomes, open as many files as it may: each client takes one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # often 1,024 at first


def become_server(command: list[str]) -> NoReturn:
    """Replace this process by the web server, so that signals and exit code are its own."""
    allow_open_files()
    connections.close_all()
    path = os.pathsep.join(filter(None, [str(settings.BASE_DIR), os.environ.get("PYTHONPATH")]))
    counts = {processes.VARIABLE: str(processes.directory())}
    os.execve(command[0], command, {**os.environ, **counts, "PYTHONPATH": path})  # noqa: S606 - a command of our own making
