"""Valkeys of the tests' own."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis

from ops.servers import valkey
from ops.servers.process import Server
from ops.servers.state import free_ports
from tests.web.tools import wait_for

PASSWORD = "for-tests-only"


class OwnValkey:
    """A server of the tests' own, which they may kill: `name` is what it keeps, "cache" or "streams"."""

    def __init__(self, home: Path, name: str = "cache") -> None:
        [port] = free_ports(1)
        self.server = Server(name, "valkey-server", home / name, port, home / f"{name}.log")
        self.url = f"redis://:{PASSWORD}@127.0.0.1:{port}/0"
        self.start()

    def start(self) -> None:
        valkey.start(self.server, PASSWORD)

    def kill(self) -> None:
        pid = self.server.pid()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: self.server.pid() is None)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """It keeps its connections and does not answer."""
        pid = self.server.pid()
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def stop(self) -> None:
        valkey.stop(self.server)

    def client(self) -> Redis:
        return Redis.from_url(self.url, decode_responses=True)
