"""The embedded servers: PostgreSQL 18 (a primary and a streaming standby) and two Valkeys, from pip wheels.

Plain Python, without Django: settings call `environment()` at every process start, commands call `start()`.
The servers outlive the process that started them; every function may be called by several processes at once.
Linux only: what is running is told by /proc.
"""

import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from ops.servers import postgres, valkey
from ops.servers.errors import DataLost, ServersError
from ops.servers.process import Server, end_orphans, trim_log
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

    A later `start()` may move a server to another port when its own has been taken meanwhile; ask again then.
    """
    data_dir = data_dir.resolve()
    state = load(data_dir)
    if state is None:
        with locked(data_dir):
            state = load_or_create(data_dir)
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
    with locked(data_dir, report):
        state = load_or_create(data_dir)
        saved = asdict(state)
        try:
            _start_all(data_dir, state, tell)
        finally:
            if asdict(state) != saved:
                save(data_dir, state)
        return _statuses(data_dir, state)


def stop(data_dir: Path) -> None:
    """End all four servers in order; fine when none runs."""
    data_dir = data_dir.resolve()
    if load(data_dir) is None:
        return
    with locked(data_dir):
        state = load_or_create(data_dir)
        for name in ("replica", "primary"):
            postgres.stop(_server(data_dir, state, name))
        for name in ("cache", "streams"):
            valkey.stop(_server(data_dir, state, name))


def status(data_dir: Path) -> list[ServerStatus]:
    """Each server as it is now. Changes nothing; before the first start nothing runs."""
    data_dir = data_dir.resolve()
    state = load(data_dir)
    if state is None:
        return [ServerStatus(name, False, None, "127.0.0.1", 0, "", "", "", "never started") for name in NAMES]
    return _statuses(data_dir, state)


def _start_all(data_dir: Path, state: State, report: Report) -> None:
    if not Path(state.home).is_dir():
        raise DataLost(Path(state.home), data_dir)
    if not state.primary_created:
        _remove_abandoned(report)
    for name in NAMES:
        _settle_port(_server(data_dir, state, name), state, report)
    cache, streams = _server(data_dir, state, "cache"), _server(data_dir, state, "streams")
    valkey.start(cache, state.passwords["cache"])
    valkey.start(streams, state.passwords["streams"])
    primary, replica = _server(data_dir, state, "primary"), _server(data_dir, state, "replica")
    postgres.start_primary(primary, state, data_dir, report)
    postgres.start_replica(replica, primary, state, report)


def _server(data_dir: Path, state: State, name: str) -> Server:
    program = "valkey-server" if name in ("cache", "streams") else "postgres"
    return Server(name, program, Path(state.home) / name, state.ports[name], data_dir / "logs" / f"{name}.log")


def _settle_port(server: Server, state: State, report: Report) -> None:
    """Move a server that is down to another port when someone else has taken its own."""
    if server.pid():
        trim_log(server.log)
        return
    end_orphans(server)
    if not port_is_free(server.port):
        [state.ports[server.name]] = free_ports(1)
        report(f"Port {server.port} of the {server.name} server is taken; moved to {state.ports[server.name]}")


def _remove_abandoned(report: Report) -> None:
    """Remove the homes whose data directory was deleted, and end the servers still running there."""
    for home in abandoned_homes():
        report(f"Removing {home}: its data directory was deleted")
        for name in NAMES:
            program = "valkey-server" if name in ("cache", "streams") else "postgres"
            end_orphans(Server(name, program, home / name, 0, Path()))
        shutil.rmtree(home)


def _statuses(data_dir: Path, state: State) -> list[ServerStatus]:
    return [_status(_server(data_dir, state, name), state) for name in NAMES]


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
