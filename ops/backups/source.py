"""The server that is backed up."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from django.conf import settings
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ops.backups.errors import BackupError, NotConfigured, NotPossible
from ops.backups.places import History
from ops.servers.postgres_settings import quantity

CONNECT_SECONDS = 10
SIZE = "SELECT sum(pg_database_size(oid))::bigint FROM pg_database WHERE datallowconn"
TABLESPACES = "SELECT count(*) FROM pg_tablespace WHERE spcname NOT IN ('pg_default', 'pg_global')"
SLOT = """
    SELECT s.active, s.wal_status, pg_wal_lsn_diff(pg_current_wal_lsn(), coalesce(r.write_lsn, s.restart_lsn))::bigint,
        pg_wal_lsn_diff(coalesce(r.write_lsn, s.restart_lsn), '0/0')::bigint
    FROM pg_replication_slots s LEFT JOIN pg_stat_replication r ON r.pid = s.active_pid WHERE s.slot_name = %s
"""
MARK = "SELECT clock_timestamp(), pg_logical_emit_message(true, 'foodshare', 'verify_backup')"


@dataclass(frozen=True)
class Identity:
    """Which cluster a server is of, and how it is made."""

    system_id: str
    version: int  # as server_version_num
    segment_size: int  # bytes
    summarizes: bool  # whether it can give incremental backups
    history: History  # the timelines that led to where it is

    @property
    def major(self) -> int:
        return self.version // 10_000


@dataclass(frozen=True)
class Slot:
    """The archive's place on the server."""

    active: bool
    lost: bool
    behind: int | None  # bytes that it has not sent yet
    sent: int | None  # the LSN up to which it has


@dataclass(frozen=True)
class Source:
    """`url` is that of a role with REPLICATION, `owner_url` that of one who may ask how large the database is."""

    url: str
    owner_url: str

    @classmethod
    def configured(cls) -> "Source":
        """Raises NotConfigured."""
        if not settings.BACKUP_URL:
            raise NotConfigured(
                "BACKUP_URL is not set. Make a role for backups, CREATE ROLE foodshare_backup LOGIN REPLICATION "
                "PASSWORD '…', let it in (pg_hba.conf: host replication foodshare_backup …), and name it there")
        return cls(settings.BACKUP_URL, settings.DATABASE_OWNER_URL)

    def at_standby(self) -> "Source":
        """The same cluster, copied from its first standby. Raises NotPossible."""
        if not settings.REPLICA_URLS:
            raise NotPossible("REPLICA_URL names no standby to take the backup from")
        address = conninfo_to_dict(settings.REPLICA_URLS[0])
        url = make_conninfo(self.url, host=address.get("host"), port=address.get("port") or 5432,
                            target_session_attrs="any")
        return Source(url, self.owner_url)

    def identify(self) -> Identity:
        """Raises BackupError when the server does not answer, or not to this role."""
        try:
            with self.replication() as connection:
                [system_id, timeline, *_] = _row(connection, "IDENTIFY_SYSTEM")
                version = int(_row(connection, "SHOW server_version_num")[0])
                size = int(quantity(_row(connection, "SHOW wal_segment_size")[0]))
                summarizes = version >= 170_000 and _row(connection, "SHOW summarize_wal")[0] == "on"
                history = _history(connection, int(timeline))
        except psycopg.Error as error:
            raise BackupError(f"BACKUP_URL: {error}".strip()) from error
        return Identity(str(system_id), version, size, summarizes, history)

    @contextmanager
    def replication(self) -> Iterator["psycopg.Connection[Any]"]:
        """A connection for commands of replication. Raises psycopg.Error."""
        with psycopg.connect(self.url, replication="true", autocommit=True, client_encoding="utf8",
                             connect_timeout=CONNECT_SECONDS) as connection:
            yield connection

    @contextmanager
    def sql(self) -> Iterator["psycopg.Connection[Any]"]:
        """A connection for questions. Raises psycopg.Error."""
        with psycopg.connect(self.owner_url, autocommit=True, connect_timeout=CONNECT_SECONDS) as connection:
            yield connection

    def size(self) -> int:
        """Bytes of all databases. Raises NotPossible where some of it lies where a backup would not find it again."""
        with self.sql() as connection:
            if _row(connection, TABLESPACES)[0]:
                raise NotPossible("the server has tablespaces of its own, which these backups cannot hold; "
                                  "use pgBackRest (docs/backups.md)")
            return int(_row(connection, SIZE)[0])

    def now(self) -> datetime:
        """The server's clock, which commits are stamped with."""
        with self.sql() as connection:
            now: datetime = _row(connection, "SELECT clock_timestamp()")[0]
            return now

    def mark(self) -> datetime:
        """Commit something that changes nothing; returns when, by the server's clock, just before."""
        with self.sql() as connection:
            moment: datetime = _row(connection, MARK)[0]
            return moment

    def slot(self, name: str) -> Slot | None:
        with self.sql() as connection:
            found = connection.execute(SLOT, [name]).fetchone()
        return Slot(found[0], found[1] == "lost", found[2], found[3]) if found else None

    def drop_slot(self, name: str) -> None:
        with self.replication() as connection:
            connection.execute(f"DROP_REPLICATION_SLOT {name} WAIT")


def _history(connection: "psycopg.Connection[Any]", timeline: int) -> History:
    """Of the timeline that the server is on. Where it has no file of it, as for the first, there is none before."""
    try:
        [_, text] = _row(connection, f"TIMELINE_HISTORY {timeline}")
    except psycopg.errors.UndefinedFile:
        text = ""
    return History.parsed(timeline, text.splitlines())


def _row(connection: "psycopg.Connection[Any]", statement: Any) -> Any:
    return connection.execute(statement).fetchone()
