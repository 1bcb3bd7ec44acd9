"""What is remembered between runs: `<data_dir>/servers.json`, and the lock that guards it.

An ordinary user's databases live in `data_dir` itself. PostgreSQL refuses to run as root, so root's databases
belong to `nobody`, who cannot enter `data_dir` (mode 0700) nor, often, the directories above it: they live in
`/var/lib/foodshare/<hash of data_dir>-<random>`, the "home" that servers.json names.
"""

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import pwd
import random
import secrets
import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ops.servers.errors import DiskFull, ServersError, StateUnusable

NAMES = ("primary", "replica", "cache", "streams")
POSTGRES_ROLES = ("postgres", "foodshare_owner", "foodshare_app", "foodshare_replication")
ROLES = (*POSTGRES_ROLES, "cache", "streams")
RECORDS = ("servers.json", "cluster.json")  # of the embedded servers, and of a cluster on this machine
HOMES_OF_ROOT = Path("/var/lib/foodshare")
PORTS = range(15_000, 32_768)  # above it are the kernel's own (ephemeral) ports
ROOM_FOR_A_NEW_DATABASE = 400 * 1024**2  # bytes: two clusters of 40 MB and their first WAL segments
Report = Callable[[str], None]


@dataclass
class State:
    """The contents of servers.json. `prepared` is the fingerprint of the SQL that set up the roles."""

    home: str
    secret_key: str = field(default_factory=lambda: secrets.token_urlsafe(50))
    passwords: dict[str, str] = field(default_factory=lambda: {role: secrets.token_hex(24) for role in ROLES})
    ports: dict[str, int] = field(
        default_factory=lambda: dict(zip(NAMES, free_ports(len(NAMES)), strict=True))
    )
    primary_created: bool = False
    prepared: str = ""

    def url(self, name: str, role: str) -> str:
        port = self.ports[name]
        if name in ("primary", "replica"):
            return f"postgresql://{role}:{self.passwords[role]}@127.0.0.1:{port}/foodshare"
        return f"redis://:{self.passwords[role]}@127.0.0.1:{port}/0"


@contextlib.contextmanager
def locked(data_dir: Path, report: Report | None = None) -> Iterator[None]:
    """Hold the lock of `data_dir`, which is made (mode 0700) if needed. One process at a time passes."""
    with _clear_errors(data_dir):
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        data_dir.chmod(0o700)
        descriptor = os.open(data_dir / "servers.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor) as lock:
        _give_to_owner_of(data_dir, lock.fileno())
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if report:
                report("Waiting for another process that starts or stops the servers")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def load(data_dir: Path) -> State | None:
    """The saved state, or None when there is none yet."""
    path = data_dir / "servers.json"
    with _clear_errors(path):
        try:
            text = path.read_text()
        except FileNotFoundError:
            return None
    try:
        state = State(**json.loads(text))
        [state.ports[name] for name in NAMES], [state.passwords[role] for role in ROLES]
    except (ValueError, TypeError, KeyError) as error:
        raise StateUnusable(
            f"{path} is damaged ({error}). Restore it from a backup (it holds the passwords). "
            f"To start again with empty databases, remove {data_dir}."
        ) from error
    return state


def load_or_create(data_dir: Path) -> State:
    """The saved state, or a new one. Call it with the lock held."""
    state = load(data_dir)
    if state is None:
        state = State(home=str(new_home(data_dir)))
        save(data_dir, state)
    return state


def save(data_dir: Path, state: State) -> None:
    owner = data_dir.stat()
    write_private(data_dir / "servers.json", json.dumps(asdict(state), indent=2), owner.st_uid, owner.st_gid)


def write_private(path: Path, text: str, uid: int, gid: int) -> None:
    """Replace a file in one step, mode 0600, owned by `uid`: a reader sees the old text or the new one."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with _clear_errors(path):
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            with os.fdopen(descriptor, "w") as file:
                os.fchown(descriptor, uid, gid)
                file.write(text)
                file.flush()
                os.fsync(descriptor)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def require_room(directory: Path) -> None:
    """Refuse early, in words, what would fail halfway through on a full disk."""
    free = shutil.disk_usage(directory).free
    if free < ROOM_FOR_A_NEW_DATABASE:
        raise DiskFull(
            f"Only {free // 1024**2} MB are free in {directory}, and new servers need "
            f"{ROOM_FOR_A_NEW_DATABASE // 1024**2} MB. Free some space, or set FOODSHARE_DATA_DIR elsewhere."
        )


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> list[int]:
    """Distinct free ports below 32768, picked at random so that two data directories seldom meet."""
    found = (port for port in random.sample(PORTS, len(PORTS)) if port_is_free(port))
    return [port for port, _ in zip(found, range(count), strict=False)]


def abandoned_homes() -> list[Path]:
    """Root's homes whose data directory was deleted.

    A home and its data directory share one hard-linked file, so a data directory that was merely moved
    still counts as there. Where no link is possible (two file systems) a home never counts as abandoned.
    """
    return [claim.parent for claim in HOMES_OF_ROOT.glob("*-*/claim") if _abandoned(claim)]


def _abandoned(claim: Path) -> bool:
    try:
        if claim.stat().st_nlink > 1:
            return False
        data_dir = Path(claim.read_text())
    except FileNotFoundError:
        return False  # another start is removing this home
    return not any(_records(data_dir / name, claim.parent) for name in RECORDS)


def _records(path: Path, home: Path) -> bool:
    """Whether the file says that its servers live in `home`, or cannot be asked."""
    try:
        return bool(json.loads(path.read_text())["home"] == str(home))
    except FileNotFoundError:
        return False
    except (OSError, ValueError, KeyError):
        return True


def new_home(data_dir: Path) -> Path:
    """Where the databases of a new `data_dir` live: a directory of nobody's for root's, else itself."""
    if os.geteuid() != 0 or data_dir.stat().st_uid != 0:
        return data_dir
    suffix = f"{hashlib.sha256(bytes(data_dir)).hexdigest()[:10]}-{secrets.token_hex(4)}"
    home = HOMES_OF_ROOT / suffix
    with _clear_errors(home):
        HOMES_OF_ROOT.mkdir(mode=0o711, parents=True, exist_ok=True)
        HOMES_OF_ROOT.chmod(0o711)
        home.mkdir(mode=0o700)
        nobody = pwd.getpwnam("nobody")
        os.chown(home, nobody.pw_uid, nobody.pw_gid)
        _claim(data_dir, home)
    return home


def _claim(data_dir: Path, home: Path) -> None:
    ours = data_dir / "servers.claim"
    ours.unlink(missing_ok=True)
    ours.write_text(str(data_dir))
    try:
        os.link(ours, home / "claim")
    except OSError as error:
        if error.errno not in (errno.EXDEV, errno.EPERM, errno.EMLINK):
            raise


def _give_to_owner_of(data_dir: Path, descriptor: int) -> None:
    """What root writes into another user's data directory stays that user's."""
    if os.geteuid() == 0:
        owner = data_dir.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)


@contextlib.contextmanager
def _clear_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(f"No space left to write {path}. Free some space and try again.") from error
        if isinstance(error, PermissionError):
            user = pwd.getpwuid(os.geteuid()).pw_name
            raise StateUnusable(
                f"{path} cannot be used by {user}: {error.strerror}. Run the command as its owner, "
                "or set FOODSHARE_DATA_DIR to a directory of your own."
            ) from error
        raise ServersError(f"{path}: {error.strerror}.") from error
