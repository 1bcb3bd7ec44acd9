"""The embedded servers: PostgreSQL 18 (a primary and a streaming standby) and two Valkeys, from pip wheels.

Plain Python, without Django: settings call `environment()` at every process start, commands call `start()`.
The servers outlive the process that started them; every function may be called by several processes at once.
Linux only: what is running is told by /proc.
"""

import contextlib
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ops.servers import postgres, valkey
from ops.servers.errors import DataLost, ServersError, Unreachable
from ops.servers.process import Server, end_all_below, end_orphans, trim_log, wait_until
from ops.servers.state import (
    NAMES,
    Report,
    State,
    abandoned_homes,
    free_ports,
    load,
    load_or_create,
    locked,
    port_is_free,
    save,
)

__all__ = ["ServerStatus", "ServersError", "environment", "start", "status", "stop"]

ATTEMPTS = 3  # a server may be killed while it is looked at

DYING = 1.0  # seconds; a killed server's last thread may hold the port for a moment after its process is gone


@dataclass(frozen=True)
class ServerStatus:
    """One server as it is now. `version` is empty when it does not run; `detail` is for people."""

    name: str  # primary, replica, cache, streams
    running: bool
    pid: int | None
    host: str
    port: int
    data_directory: str
    log: str
    version: str
    detail: str


def environment(data_dir: Path) -> dict[str, str]:
    """The URLs and the secret key of `data_dir`, made up at the first call. Starts nothing.

    A server that is down while someone else holds its port is given another one here already, so that the
    URLs a process reads before `start()` are those that hold after it.
    """
    data_dir = data_dir.resolve()
    state = load(data_dir)
    if state is None or any(_misplaced(server) for server in _servers(data_dir, state)):
        with _changing_state(data_dir) as state:
            _settle_ports(data_dir, state, lambda message: None)
    return {
        "DATABASE_URL": state.url("primary", "foodshare_app"),
        "DATABASE_OWNER_URL": state.url("primary", "foodshare_owner"),
        "REPLICA_URL": state.url("replica", "foodshare_app"),
        "REDIS_URL": state.url("cache", "cache"),
        "STREAM_URL": state.url("streams", "streams"),
        "SECRET_KEY": state.secret_key,
    }


def start(data_dir: Path, report: Report | None = None) -> list[ServerStatus]:
    """Make all four servers run, whatever happened to them before. Does little when they do.

    Raises ServersError, whose message says what is wrong and what to do.
    """
    data_dir = data_dir.resolve()
    tell = report or (lambda message: None)
    with _changing_state(data_dir, report) as state:
        for attempt in range(ATTEMPTS):
            try:
                _start_all(data_dir, state, tell)
                statuses = _statuses(data_dir, state)
            except Unreachable:
                if attempt == ATTEMPTS - 1:
                    raise
            else:
                if all(status.version for status in statuses):
                    return statuses
            time.sleep(0.2)  # a server killed a moment ago was still taken for alive
    silent = ", ".join(f"{status.name} ({status.detail})" for status in statuses if not status.version)
    raise ServersError(f"These servers do not stay up: {silent}. Their logs are in {data_dir / 'logs'}")


def stop(data_dir: Path) -> None:
    """End all four servers in order; fine when none runs."""
    data_dir = data_dir.resolve()
    if load(data_dir) is None:
        return
    with locked(data_dir):
        primary, replica, cache, streams = _servers(data_dir, load_or_create(data_dir))
        postgres.stop(replica)
        postgres.stop(primary)
        valkey.stop(cache)
        valkey.stop(streams)


def status(data_dir: Path) -> list[ServerStatus]:
    """Each server as it is now. Changes nothing; before the first start nothing runs."""
    data_dir = data_dir.resolve()
    state = load(data_dir)
    if state is None:
        return [
            ServerStatus(name, False, None, "127.0.0.1", 0, "", "", "", "never started") for name in NAMES
        ]
    return _statuses(data_dir, state)


@contextlib.contextmanager
def _changing_state(data_dir: Path, report: Report | None = None) -> Iterator[State]:
    """The state under the lock, saved at the end if it changed, also after an error."""
    with locked(data_dir, report):
        state = load_or_create(data_dir)
        saved = asdict(state)
        try:
            yield state
        finally:
            if asdict(state) != saved:
                save(data_dir, state)


def _start_all(data_dir: Path, state: State, report: Report) -> None:
    if not Path(state.home).is_dir():
        raise DataLost(Path(state.home), data_dir)
    if not state.primary_created:
        _remove_abandoned(report)
    for server in _servers(data_dir, state):
        trim_log(server.log)
        if not server.pid():
            end_orphans(server)
    _settle_ports(data_dir, state, report)
    primary, replica, cache, streams = _servers(data_dir, state)
    valkey.start(cache, state.passwords["cache"])
    valkey.start(streams, state.passwords["streams"])
    postgres.start_primary(primary, state, data_dir, report)
    postgres.start_replica(replica, primary, state, report)


def _servers(data_dir: Path, state: State) -> list[Server]:
    home, logs = Path(state.home), data_dir / "logs"
    return [
        Server(name, _program(name), home / name, state.ports[name], logs / f"{name}.log") for name in NAMES
    ]


def _program(name: str) -> str:
    return "valkey-server" if name in ("cache", "streams") else "postgres"


def _misplaced(server: Server) -> bool:
    """Whether the server is down and someone else has taken its port."""
    return not server.pid() and not wait_until(lambda: port_is_free(server.port), DYING)


def _settle_ports(data_dir: Path, state: State, report: Report) -> None:
    for server in filter(_misplaced, _servers(data_dir, state)):
        [state.ports[server.name]] = free_ports(1)
        new = state.ports[server.name]
        report(f"Port {server.port} of the {server.name} server is taken; moved to {new}")


def _remove_abandoned(report: Report) -> None:
    """Remove the homes whose data directory was deleted, and end the servers still running there."""
    for home in abandoned_homes():
        report(f"Removing {home}: its data directory was deleted")
        end_all_below(home)
        shutil.rmtree(home, onerror=_pass_over_vanished)


def _pass_over_vanished(function: Any, path: str, error: Any) -> None:
    """For shutil.rmtree: what is gone already, by another start that removes the same home, is no failure."""
    if not isinstance(error[1], FileNotFoundError):
        raise error[1]


def _statuses(data_dir: Path, state: State) -> list[ServerStatus]:
    return [_status(server, state) for server in _servers(data_dir, state)]


def _status(server: Server, state: State) -> ServerStatus:
    pid, version, detail = server.pid(), "", "stopped"
    if pid:
        try:
            if server.program == "postgres":
                version, detail = postgres.describe(server, state)
            else:
                version, detail = valkey.describe(server, state.passwords[server.name])
        except ServersError as error:
            detail = str(error)
    return ServerStatus(
        server.name, pid is not None, pid, "127.0.0.1", server.port,
        str(server.directory), str(server.log), version, detail,
    )  # fmt: skip
