"""Getting back: a data directory as the database was at some moment, ready to be started."""

import os
import pwd
import shlex
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from ops.backups.errors import NotPossible
from ops.backups.recovery import Reached, Recovery, plan
from ops.backups.store import Backup, Store
from ops.backups.take import Show, unseen
from ops.servers.process import is_ours, owner_of
from ops.servers.state import POSTGRES_ROLES, load


@dataclass(frozen=True)
class Restored:
    """`fault` is why the end of the archived log could not be reached; empty when all is well."""

    directory: Path
    backup: Backup
    timeline: int  # the one that was followed
    forks: list[str]  # where others begin that could have been, and this one itself
    reached: Reached
    fault: str
    start: str  # the command that runs it


def restore(store: Store, into: Path, until: datetime | None = None, name: str | None = None,
            timeline: int | None = None, show: Show = unseen) -> Restored:
    """Make `into` the cluster as it was at `until`, or at the end of what was archived. Raises BackupError."""
    into = into.absolute()
    require_empty(into)
    with store.reading():
        chosen = plan(store, until, name, timeline)
        recovery = Recovery(store, chosen, into.parent / f".{into.name}.restoring", show, keep=True)
        try:
            recovery.prepare()
            reached = recovery.recover()
            if settings.EMBEDDED_SERVERS:
                recovery.set_passwords(_passwords())
            recovery.stop()
            recovery.data.rename(into)
        finally:
            recovery.stop()
            shutil.rmtree(recovery.workplace, ignore_errors=True)
    return Restored(into, chosen.backup, chosen.history.timeline, chosen.forks, reached, recovery.fault,
                    starting(into, recovery.programs))


def require_empty(into: Path) -> None:
    """Raises NotPossible, which says what is there."""
    if not into.exists():
        return
    if not into.is_dir():
        raise NotPossible(f"{into} is no directory")
    if (into / "PG_VERSION").exists():
        raise NotPossible(f"{into} holds a database{_running(into)}, and nothing is ever restored over one: "
                          "choose a directory that is empty, or that is not there yet")
    if into.is_mount():
        raise NotPossible(f"{into} is a mount point, which cannot be replaced: choose a directory in it")
    if any(into.iterdir()):
        raise NotPossible(f"{into} is not empty: choose a directory that is, or that is not there yet")


def _running(directory: Path) -> str:
    try:
        pid = int((directory / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return ""
    return f" that runs (pid {pid})" if is_ours(pid, "postgres", directory.resolve()) else ""


def _passwords() -> dict[str, str]:
    """Those that the embedded servers' roles have now: a copy may be from when they were others."""
    state = load(settings.FOODSHARE_DATA_DIR)
    return {role: state.passwords[role] for role in POSTGRES_ROLES} if state else {}


def starting(directory: Path, programs: Path) -> str:
    """The command that runs the restored cluster on a port of its own."""
    place = shlex.quote(str(directory))
    command = f"{shlex.quote(str(programs / 'pg_ctl'))} -D {place} -l {place}/log -o '-p 25432' -w start"
    if os.geteuid() != 0:
        return command
    user = pwd.getpwuid(owner_of(directory)[0]).pw_name
    return f"cd / && runuser -u {user} -- {command}"
