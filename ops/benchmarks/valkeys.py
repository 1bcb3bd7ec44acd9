"""A Valkey to measure or test with, which may be paused and killed."""

import os
import secrets
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from redis import Redis

from ops.servers import valkey
from ops.servers.process import Server, wait_until
from ops.servers.state import free_ports


class OwnValkey:
    """A server of one's own: `name` is what it keeps, "cache" or "streams"."""

    def __init__(self, home: Path, name: str = "cache") -> None:
        [port] = free_ports(1)
        self.password = secrets.token_hex(24)
        self.server = Server(name, "valkey-server", home / name, port, home / f"{name}.log")
        self.url = f"redis://:{self.password}@127.0.0.1:{port}/0"
        self.start()

    def start(self) -> None:
        valkey.start(self.server, self.password)

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        wait_until(lambda: self.server.pid() is None, 10.0)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """It keeps its connections and does not answer."""
        pid = self.pid
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    @property
    def pid(self) -> int:
        """Raises ProcessLookupError while it does not run."""
        pid = self.server.pid()
        if pid is None:
            raise ProcessLookupError(f"the {self.server.name} server does not run")
        return pid

    def stop(self) -> None:
        valkey.stop(self.server)

    def client(self) -> "Redis":
        return Redis.from_url(self.url, decode_responses=True)


@contextmanager
def own_valkey() -> Iterator[OwnValkey]:
    """One in a directory that goes with it."""
    with TemporaryDirectory(prefix="foodshare-") as home:
        Path(home).chmod(0o755)  # else another user than root could not run it there
        made = OwnValkey(Path(home))
        try:
            yield made
        finally:
            made.stop()
