"""What the tests of the servers share: SQL on a URL, killing, and looking."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import redis

from ops import servers
from ops.servers.state import State, load, port_is_free


@dataclass
class Cluster:
    data_dir: Path

    @property
    def state(self) -> State:
        state = load(self.data_dir)
        assert state is not None
        return state

    @property
    def urls(self) -> dict[str, str]:
        return servers.environment(self.data_dir)

    def directory(self, name: str) -> Path:
        return Path(self.state.home) / name

    def pids(self) -> dict[str, int | None]:
        return {status.name: status.pid for status in servers.status(self.data_dir)}

    def kill(self, name: str) -> int:
        """kill -9 one server; returns the process id it had."""
        pid = self.pids()[name]
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        assert until(lambda: process_state(pid) in ("", "Z") and port_is_free(self.state.ports[name]))
        return pid

    def owner(self, query: LiteralString) -> list[tuple[Any, ...]]:
        return execute(self.urls["DATABASE_OWNER_URL"], query)

    def app(self, query: LiteralString) -> list[tuple[Any, ...]]:
        return execute(self.urls["DATABASE_URL"], query)

    def replica(self, query: LiteralString) -> list[tuple[Any, ...]]:
        return execute(self.urls["REPLICA_URL"], query)

    def superuser(self, query: LiteralString, name: str = "primary") -> list[tuple[Any, ...]]:
        return execute(self.state.url(name, "postgres"), query)

    def valkey(self, url: str) -> "redis.Redis":
        return redis.Redis.from_url(self.urls[url], decode_responses=True)

    def replicates(self) -> bool:
        """Whether what is written now reaches the standby."""
        self.owner("CREATE TABLE IF NOT EXISTS beats (at timestamptz); INSERT INTO beats VALUES (now())")
        [(written,)] = self.owner("SELECT pg_current_wal_lsn() - '0/0'")
        caught_up = until(lambda: self.replica("SELECT pg_last_wal_replay_lsn() - '0/0'")[0][0] >= written)
        count = "SELECT count(*) FROM beats"
        return caught_up and self.replica(count) == self.owner(count)


def process_state(pid: int) -> str:
    """The kernel's letter for the process, Z for a zombie; empty when there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return ""


def execute(url: str, statement: LiteralString, *values: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []


def until(condition: Any, seconds: float = 30.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False
