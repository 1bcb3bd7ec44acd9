"""Starting one part of a node, and finding it again."""

import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import Popen

from ops.cluster.topology import Node, Proxy
from ops.servers.errors import ServersError, StartFailed
from ops.servers.process import PID_FILES, Server, end, end_orphans, log_tail, owner_of, spawn, trim_log, wait_until
from ops.servers.state import port_is_free, write_private

Child = Popen[bytes]
PROGRAMS = {"postgres": "postgres", "patroni": "patroni", "etcd": "etcd", "haproxy": "haproxy"}
DYING = 3.0  # seconds for which a killed server's last thread may hold its port
PATIENCE = 90.0  # seconds that a part may take to end; Patroni first checkpoints and stops PostgreSQL


class PortTaken(ServersError):
    """A stranger listens where a part should."""


def server_of(node: Node | Proxy, part: str, name: str, logs: Path) -> Server:
    """A part as a server process; Patroni's log also has PostgreSQL's lines, whose parent it is."""
    log = logs / f"{name}-{'patroni' if part == 'postgres' else part}.log"
    port = node.ports["write" if part == "haproxy" else part]
    return Server(f"{name} {part}", PROGRAMS.get(part, "valkey-server"), node.directory / part, port, log)


def write(server: Server, name: str, text: str) -> bool:
    """Write a file into the server's directory, which is made if needed. Tells whether it changed."""
    home = server.directory.parent
    for directory in (home, server.directory):
        if not directory.exists():
            directory.mkdir(mode=0o700)
            os.chown(directory, *owner_of(home.parent))
    path = server.directory / name
    if path.exists() and path.read_text() == text:
        return False
    write_private(path, text, *owner_of(home))
    return True


def launch(server: Server, command: list[str], prefix: tuple[str, ...]) -> Child:
    """Start it, whatever a killed one left behind; it must not run. Raises PortTaken."""
    end_orphans(server)
    check_port(server, prefix)
    server.pid_file.unlink(missing_ok=True)
    trim_log(server.log)
    child = spawn(server, command, server.directory, prefix)
    if server.program not in PID_FILES:
        write(server, server.pid_file.name, f"{child.pid}\n")
    return child


def check_port(server: Server, prefix: tuple[str, ...]) -> None:
    """Raises PortTaken. In a network of its own, where `prefix` leads, there are no strangers."""
    if not prefix and not wait_until(lambda: port_is_free(server.port), DYING):
        raise PortTaken(f"Port {server.port} of {server.name} is taken by another program: end that one.")


def stop(server: Server) -> None:
    end(server, signal.SIGINT if server.program == "postgres" else signal.SIGTERM, PATIENCE)


def stop_all(servers: Sequence[Server]) -> None:
    """Stop them at the same time."""
    with ThreadPoolExecutor(len(servers) or 1) as threads:
        list(threads.map(stop, servers))


def await_answer(server: Server, child: Child | None, answers: Callable[[], bool], seconds: float) -> None:
    """Wait until it answers. Raises StartFailed with the end of its log when it ends, or time is up."""
    def ended() -> bool:
        return child is not None and child.poll() is not None

    if not wait_until(lambda: answers() or ended(), seconds) or ended():
        why = "it ended" if ended() else f"no answer for {seconds:.0f} s"
        raise StartFailed(server.name, why, server.log, log_tail(server.log))
