"""The steps of upkeep. Each holds up readers and writers for a moment at most, and may be repeated."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

from foodshare.db.locks import LOCK_TIMEOUT, retry, session_lock_timeout
from groups.partitions import Partitioning, make_partition
from ops.partitions import archive

PENDING = """
    SELECT inhdetachpending FROM pg_inherits
    WHERE inhrelid = to_regclass(quote_ident(%s)) AND inhparent = to_regclass(quote_ident(%s))
"""


class Step(Protocol):
    """Something to do about the table called `name`. A line of the plan begins with + for what will be, - for not."""

    @property
    def name(self) -> str: ...

    def run(self, connection: BaseDatabaseWrapper) -> None: ...


@dataclass(frozen=True)
class Create:
    """Build a partition beside its table, and attach it."""

    name: str
    partitioning: Partitioning
    first: date
    slug: str = ""

    def __str__(self) -> str:
        return f"+ {self.name}: from {self.first} to {self.partitioning.period.shift(self.first)}"

    def run(self, connection: BaseDatabaseWrapper) -> None:
        make_partition(connection, self.partitioning, self.first, self.slug)


@dataclass(frozen=True)
class Detach:
    """Detach a partition concurrently, or finish detaching it where that was interrupted."""

    name: str
    parent: str

    def __str__(self) -> str:
        return f"- {self.name}: detach from {self.parent}"

    def run(self, connection: BaseDatabaseWrapper) -> None:
        retry(lambda: self.detach(connection))

    def detach(self, connection: BaseDatabaseWrapper) -> None:
        """One attempt. What gives up while it waits for older transactions leaves the detaching to be finished."""
        with session_lock_timeout(connection, LOCK_TIMEOUT), connection.cursor() as cursor:
            cursor.execute(PENDING, [self.name, self.parent])
            row = cursor.fetchone()
            if row is None:
                return
            how = "FINALIZE" if row[0] else "CONCURRENTLY"
            name, parent = map(connection.ops.quote_name, (self.name, self.parent))
            cursor.execute(f"ALTER TABLE {parent} DETACH PARTITION {name} {how}")


@dataclass(frozen=True)
class Archive:
    """Write a detached partition to a file, and drop it."""

    name: str

    def __str__(self) -> str:
        return f"- {self.name}: archive to {self.file}, then drop"

    @property
    def file(self) -> Path:
        return Path(settings.PARTITION_ARCHIVE_DIR) / f"{self.name}.csv.gz"

    def run(self, connection: BaseDatabaseWrapper) -> None:
        rows = archive.write(connection, self.name, self.file)
        archive.drop(connection, self.name, rows)
