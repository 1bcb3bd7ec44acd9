"""A database to back up and lose: embedded servers in a directory of their own, and a place for backups."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, LiteralString

from foodshare.processes import end_with_parent
from ops.backups.places import lsn
from ops.backups.receiver import SLOT, Receiver
from ops.backups.restore import Restored
from ops.backups.source import Source
from ops.backups.store import Store
from tests.servers.tools import Cluster, execute
from tests.web.tools import MANAGE, ROOT

WRITTEN = "SELECT write_lsn FROM pg_stat_replication WHERE application_name = %s"
PATIENCE = 30.0  # seconds


@dataclass
class Place(Cluster):
    store: Store

    @property
    def source(self) -> Source:
        return Source(self.urls["BACKUP_URL"], self.urls["DATABASE_OWNER_URL"])

    def run(self, statement: LiteralString, *values: Any) -> list[tuple[Any, ...]]:
        return execute(self.urls["DATABASE_OWNER_URL"], statement, *values)

    def now(self) -> datetime:
        """The server's time, a little after everything before it."""
        time.sleep(0.01)
        moment: datetime = self.run("SELECT clock_timestamp()")[0][0]
        time.sleep(0.01)
        return moment

    def switch_segment(self) -> None:
        self.superuser("SELECT pg_switch_wal()")
        self.run("SELECT pg_logical_emit_message(true, 'test', 'after')")

    @contextmanager
    def archiving(self) -> "Iterator[Receiver]":
        receiver = Receiver(self.source, self.store)
        try:
            self.archived(receiver)
            yield receiver
        finally:
            receiver.stop()

    def archived(self, receiver: Receiver) -> None:
        """Wait until everything written so far is archived."""
        [[wanted]] = self.run("SELECT pg_current_wal_flush_lsn()::text")

        def has_come() -> bool:
            receiver.work()
            rows = self.run(WRITTEN, SLOT)
            return any(row[0] and lsn(row[0]) >= lsn(wanted) for row in rows)

        wait_for(has_come)
        receiver.work()

    def with_store(self, directory: Path, **changes: Any) -> "Place":
        return Place(self.data_dir, replace(self.store, directory=directory, **changes))


def manage_in_background(place: Place, command: str, **variables: str) -> "subprocess.Popen[bytes]":
    """Start a command for that place. It ends with this process."""
    variables |= {"FOODSHARE_DATA_DIR": str(place.data_dir), "BACKUP_DIR": str(place.store.directory)}
    return subprocess.Popen([*MANAGE, command], cwd=ROOT, env=os.environ | variables, stderr=subprocess.DEVNULL,
                            preexec_fn=partial(end_with_parent, os.getpid()))


def wait_for(condition: Any, seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


@contextmanager
def started(restored: Restored, place: Place, port: int) -> Iterator[str]:
    """Run what was restored by the command that was printed; gives the owner's URL."""
    shell(restored.start.replace("25432", str(port)))
    try:
        yield f"postgresql://foodshare_owner:{place.state.passwords['foodshare_owner']}@127.0.0.1:{port}/foodshare"
    finally:
        shell(restored.start.split(" -l ")[0] + " -m fast -w stop")


def shell(command: str) -> str:
    """Run a line of a shell; returns what it printed last."""
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip().rpartition("\n")[2]
