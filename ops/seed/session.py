"""The owner's connection of one load, and runs of rows on it."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.db import connections

from ops.backups.receiver import SLOT
from ops.seed.dataset import SeedError

Report = Callable[[str, int, int], None]  # what is being made, rows done, rows in all

PATIENCE = 60.0  # seconds for which a standby is waited for
STANDBY_LAG = 256 * 1024**2  # bytes of WAL that a standby may be behind before the load waits for it
LOCK = 5_009_002  # advisory: one load at a time
FOLDER = Path(__file__).parent
SESSION = """
SET synchronous_commit = off; SET work_mem = '128MB'; SET temp_buffers = '128MB'; SET maintenance_work_mem = '256MB';
SET jit = off; SET TimeZone = 'UTC';
"""


class Session:
    """The owner's connection of one load. What it sets and keeps in temporary tables ends with it."""

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self.connection = connection

    def run(self, statements: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Run statements in one transaction; all of them happen, or none."""
        with self.connection.transaction(), psycopg.ClientCursor(self.connection) as cursor:
            cursor.execute(statements.encode(), parameters)

    def run_file(self, name: str, parameters: Mapping[str, Any]) -> None:
        self.run(text_of(name), parameters)

    def insert(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        places = ", ".join(["%s"] * len(rows[0]))
        with psycopg.ClientCursor(self.connection) as cursor:
            cursor.executemany(f"INSERT INTO {table} VALUES ({places})".encode(), rows)

    def be_alone(self) -> None:
        """Hold the right to load until the session ends. One that has just ended needs a moment to let go of it."""
        for _ in range(20):
            if self.scalar("SELECT pg_try_advisory_lock(%(lock)s)", {"lock": LOCK}):
                return
            time.sleep(0.1)
        raise SeedError("another run is loading data; wait for it")

    def scalar(self, query: str, parameters: Mapping[str, Any] | None = None) -> Any:
        """The first column of the first row; None when there is no row."""
        with psycopg.ClientCursor(self.connection) as cursor:
            row = cursor.execute(query.encode(), parameters).fetchone()
        return row and row[0]


def text_of(name: str) -> str:
    """The statements of a file of this folder."""
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")


@contextmanager
def own_session() -> Iterator[Session]:
    """A new connection of the owner, alone with its lock. Raises SeedError when another load runs.

    What psycopg raises meanwhile becomes Django's error, as on a connection of Django's own.
    """
    owner = connections["owner"]
    parameters = {**owner.get_connection_params(), "autocommit": True}
    with owner.wrap_database_errors, psycopg.connect(**parameters) as connection:
        session = Session(connection)
        session.be_alone()
        session.run(SESSION)
        yield session


@dataclass(frozen=True)
class Rows:
    """Numbered rows of `table`, made `chunk` at a time by the file of the step's name.

    Row n has the key seed_id(kind, n, `span`), by which a chunk that is here already is known.
    """

    name: str
    table: str
    kind: str
    rows: int
    span: int
    chunk: int

    def load(self, session: Session, values: dict[str, Any], tell: Report) -> None:
        """Make the chunks that are missing, each in a transaction of its own."""
        is_done = f"SELECT EXISTS (SELECT FROM {self.table} WHERE id = pg_temp.seed_id(%(kind)s, %(first)s, %(span)s))"
        for first in range(1, self.rows + 1, self.chunk):
            tell(self.name, first - 1, self.rows)
            if not session.scalar(is_done, {"kind": self.kind, "first": first, "span": self.span}):
                last = min(first + self.chunk - 1, self.rows)
                session.run_file(self.name, values | {"first": first, "last": last})
                let_standbys_follow(session)
        tell(self.name, self.rows, self.rows)


def let_standbys_follow(session: Session, lag: int = STANDBY_LAG) -> None:
    """Wait while a connected standby is more than `lag` bytes behind: too far, and the primary drops its WAL.

    Whoever archives the log takes it by whole segments, of which the last is never full: ours is left out, and a
    stranger's is not waited for beyond PATIENCE.
    """
    behind, until = session.scalar("SELECT pg_current_wal_lsn()"), time.monotonic() + PATIENCE
    while time.monotonic() < until and session.scalar(
        "SELECT EXISTS (SELECT FROM pg_replication_slots WHERE active AND slot_type = 'physical' "
        "AND slot_name <> %(archive)s AND pg_wal_lsn_diff(%(now)s, restart_lsn) > %(lag)s)",
            {"now": behind, "lag": lag, "archive": SLOT}):
        time.sleep(0.1)
