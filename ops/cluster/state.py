"""What a cluster on this machine remembers: `<directory>/cluster.json`."""

import json
import secrets
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ops.cluster.topology import NODE_PORTS, PROXY_PORTS, VALKEYS
from ops.servers.errors import StateUnusable
from ops.servers.state import POSTGRES_ROLES, free_ports, new_home, write_private

FILE = "cluster.json"
PROXY = "proxy"
ROLES = (*POSTGRES_ROLES, "foodshare_rewind", "patroni", "etcd", "etcd_root", "sentinel", *VALKEYS)


@dataclass
class ClusterState:
    """The contents of cluster.json: where the servers live, their ports by node, and all passwords."""

    home: str
    ports: dict[str, dict[str, int]]
    secret_key: str = field(default_factory=lambda: secrets.token_urlsafe(50))
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    passwords: dict[str, str] = field(default_factory=lambda: {role: secrets.token_hex(24) for role in ROLES})
    prepared: str = ""  # the fingerprint of the SQL that set up roles and database

    @property
    def node_names(self) -> list[str]:
        return [name for name in self.ports if name != PROXY]

    @property
    def places(self) -> list[Path]:
        """The directories of the nodes and of the proxy: below them work all its processes, and nothing else does."""
        return [Path(self.home) / name for name in self.ports]


def load(directory: Path) -> ClusterState | None:
    """The saved state, or None. Raises StateUnusable."""
    path = directory / FILE
    try:
        state = ClusterState(**json.loads(path.read_text()))
        return state if all(role in state.passwords for role in ROLES) else _with_new_roles(state)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise StateUnusable(f"{path} cannot be used ({error}). Restore it (it holds the passwords), or remove "
                            f"{directory} to start with an empty cluster.") from error


def _with_new_roles(state: ClusterState) -> ClusterState:
    """With passwords also for the roles that a newer version added."""
    state.passwords = {role: secrets.token_hex(24) for role in ROLES} | state.passwords
    state.prepared = ""
    return state


def create(directory: Path, nodes: Sequence[str]) -> ClusterState:
    """A new state, saved. Call it with the directory locked."""
    ports = iter(free_ports(len(nodes) * len(NODE_PORTS) + len(PROXY_PORTS)))
    state = ClusterState(str(new_home(directory)), {
        **{name: {port: next(ports) for port in NODE_PORTS} for name in nodes},
        PROXY: {port: next(ports) for port in PROXY_PORTS}})
    save(directory, state)
    return state


def save(directory: Path, state: ClusterState) -> None:
    owner = directory.stat()
    write_private(directory / FILE, json.dumps(asdict(state), indent=2), owner.st_uid, owner.st_gid)


def remove(directory: Path, state: ClusterState) -> None:
    """Delete what the stopped cluster made. For an ordinary user its home is `directory`, where other things may be."""
    logs = directory / "logs"
    for place in state.places:
        shutil.rmtree(place, ignore_errors=True)
    for log in (log for name in state.ports for log in logs.glob(f"{name}-*.log")):
        log.unlink()
    with suppress(OSError):
        logs.rmdir()
    if Path(state.home) != directory:
        shutil.rmtree(state.home, ignore_errors=True)
    (directory / FILE).unlink()
    if {path.name for path in directory.iterdir()} <= {"servers.lock", "servers.claim"}:
        shutil.rmtree(directory)
