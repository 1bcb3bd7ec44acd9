"""A Valkey to measure with, which may be paused and killed."""

import os
import secrets
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from ops.servers import valkey
from ops.servers.process import Server, end_orphans, wait_until
from ops.servers.state import free_ports

PATIENCE = 10.0  # seconds for a killed process to be gone


class OwnValkey:
    """A server in a directory of its own: `name` is what it keeps, "cache" or "streams", `more` more lines of its
    configuration."""

    def __init__(self, home: Path, name: str = "cache", port: int = 0, more: str = "", password: str = "") -> None:
        port = port or free_ports(1)[0]
        self.password, self.more = password or secrets.token_hex(24), more
        self.server = Server(name, "valkey-server", home / name, port, home / f"{name}.log")
        self.url = f"redis://:{self.password}@127.0.0.1:{port}/0"
        end_orphans(self.server)
        self.start()

    def start(self) -> None:
        valkey.start(self.server, self.password, self.more)

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        wait_until(lambda: self.server.pid() is None, PATIENCE)

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


def home() -> Path:
    """What is there is nobody's but the present benchmark's."""
    directory: Path = settings.FOODSHARE_DATA_DIR / "benchmark"
    return directory


@contextmanager
def own_valkey() -> Iterator[OwnValkey]:
    """One that goes with the block; what a killed process left of it is replaced."""
    home().mkdir(parents=True, exist_ok=True)
    try:
        made = OwnValkey(home())
        try:
            yield made
        finally:
            made.stop()
    finally:
        shutil.rmtree(home())
