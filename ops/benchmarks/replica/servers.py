"""A primary, two standbys and both Valkeys of the benchmark's own, to delay, pause and kill."""

import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from ops import servers
from ops.benchmarks.keeper import undone_afterwards
from ops.benchmarks.valkeys import home
from ops.servers import postgres
from ops.servers.errors import ServersError
from ops.servers.process import Server
from ops.servers.state import Report, State, free_ports, load

SECOND = "replica2"
PATIENCE = 60.0  # seconds for a standby to replay what the primary has
REPLAYED = "SELECT (pg_last_wal_replay_lsn() - '0/0')::bigint AS lsn"
FLUSHED = "SELECT (pg_current_wal_flush_lsn() - '0/0')::bigint AS lsn"
DELAY = "ALTER SYSTEM SET recovery_min_apply_delay = '{}ms'"


@dataclass(frozen=True)
class Replicated:
    """The servers, and the environment of processes that work on them."""

    primary: Server
    standbys: list[Server]
    state: State
    variables: dict[str, str]

    def url(self, server: Server, role: str = "postgres") -> str:
        return f"postgresql://{role}:{self.state.passwords[role]}@127.0.0.1:{server.port}/foodshare"

    def connect(self, server: Server) -> "psycopg.Connection[Any]":
        """A superuser's connection, in autocommit."""
        return psycopg.connect(self.url(server), autocommit=True)

    def tell(self, server: Server, statement: str) -> None:
        with self.connect(server) as connection:
            connection.execute(statement.encode())

    def delay(self, standby: Server, seconds: float) -> None:
        """Have it show each commit so much later from now on."""
        self.tell(standby, DELAY.format(int(seconds * 1000)))
        self.tell(standby, "SELECT pg_reload_conf()")

    def kill(self, standby: Server) -> None:
        """As a machine that loses its power: nothing is ended in order."""
        pid = standby.pid()
        if pid is not None:
            os.kill(pid, signal.SIGKILL)

    def restart(self, standby: Server) -> None:
        """Start it once more, and wait until it streams."""
        postgres.start_replica(standby, self.primary, self.state, lambda message: None)

    def catch_up(self) -> None:
        """Wait until the standbys show what the primary has. Raises ServersError."""
        with self.connect(self.primary) as connection:
            end = number(connection, FLUSHED)
        deadline = time.monotonic() + PATIENCE
        for standby in self.standbys:
            with self.connect(standby) as connection:
                while number(connection, REPLAYED) < end:
                    if time.monotonic() > deadline:
                        raise ServersError(f"The {standby.name} server does not catch up with the primary.")
                    time.sleep(0.01)


def number(connection: "psycopg.Connection[Any]", statement: str) -> int:
    row = connection.execute(statement.encode()).fetchone()
    return int(row[0]) if row and row[0] is not None else 0


@contextmanager
def replicated(report: Report) -> Iterator[Replicated]:
    """They go with the block, whatever becomes of this process. Raises ServersError, NotKept."""
    directory = home() / "replica"
    with undone_afterwards(take_away, directory):
        take_away(directory)
        yield started(directory, report)


def started(directory: Path, report: Report) -> Replicated:
    primary, standby = (Server(each.name, "postgres", Path(each.data_directory), each.port, Path(each.log))
                        for each in servers.start(directory, report)[:2])
    state = load(directory)
    if state is None:
        raise ServersError(f"{directory} was taken away.")
    second = Server(SECOND, "postgres", standby.directory.with_name(SECOND), free_ports(1)[0],
                    standby.log.with_name(f"{SECOND}.log"))
    postgres.start_replica(second, primary, state, report)
    made = Replicated(primary, [standby, second], state, {})
    members = ",".join(made.url(each, "foodshare_app") for each in made.standbys)
    made.variables.update(servers.environment(directory) | {"REPLICA_URL": members})
    return made


def take_away(directory: Path) -> None:
    """End what runs there, and remove it; fine when nothing is there."""
    if (state := load(directory)) is not None:
        databases = Path(state.home)
        postgres.stop(Server(SECOND, "postgres", databases / SECOND, 0, directory / "logs" / f"{SECOND}.log"))
        servers.stop(directory)
        shutil.rmtree(databases, ignore_errors=True)
    shutil.rmtree(directory, ignore_errors=True)
    with suppress(OSError):  # another benchmark has something there
        directory.parent.rmdir()
