"""A detached partition, written to a compressed CSV file and dropped once the file is known to hold every row.

`gzip -dc FILE | psql -c "\\copy TABLE FROM STDIN (FORMAT csv, HEADER)"` brings it back.
"""

import csv
import gzip
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from foodshare.db.locks import patiently
from ops.disk import sync
from ops.partitions.errors import PartitionError

BLOCK = 1024 * 1024


def write(connection: BaseDatabaseWrapper, table: str, file: Path) -> int:
    """Write the rows of `table` to `file`, which is there whole or not at all; return how many they are.

    A file that an interrupted run left is taken if it holds the same. Raises PartitionError if it holds something
    else, if what was written cannot be read back, or if the table is a partition.
    """
    refuse_attached(connection, table)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.part")
    try:
        rows, digest = copy(connection, table, part)
        if read_back(part) != (rows, digest):
            raise PartitionError(f"{part} does not hold what was written to it: is the disk well?")
        if file.exists() and read_back(file) != (rows, digest):
            raise PartitionError(f"{file} is there and holds other rows: move it away")
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    sync(file.parent)
    return rows


def refuse_attached(connection: BaseDatabaseWrapper, table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relispartition FROM pg_class WHERE oid = to_regclass(quote_ident(%s))", [table])
        if cursor.fetchone() != (False,):
            raise PartitionError(f"{table} is not detached")


def copy(connection: BaseDatabaseWrapper, table: str, part: Path) -> tuple[int, str]:
    """Write the rows in the order of time; how many they are, and the digest of the text before compression."""
    digest = hashlib.sha256()
    statement = (f"COPY (SELECT * FROM {connection.ops.quote_name(table)} ORDER BY created_at, id) "
                 "TO STDOUT (FORMAT csv, HEADER, ENCODING 'UTF8')")
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor, synced(part) as target:
        cursor.execute("SELECT set_config('DateStyle', 'ISO', true)")
        with cursor.copy(statement) as blocks:
            for block in blocks:
                digest.update(block)
                target.write(block)
        return cursor.rowcount, digest.hexdigest()


@contextmanager
def synced(part: Path) -> Iterator[gzip.GzipFile]:
    """A new compressed file that only its owner may read; on the disk when the block ends."""
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        with gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0) as target:
            yield target
        file.flush()
        os.fsync(descriptor)


def read_back(file: Path) -> tuple[int, str]:
    """How many rows a file holds, and the digest of its text."""
    digest = hashlib.sha256()
    with gzip.open(file, "rb") as source:
        while block := source.read(BLOCK):
            digest.update(block)
    with gzip.open(file, "rt", encoding="utf-8", newline="") as text:
        return sum(1 for _ in csv.reader(text)) - 1, digest.hexdigest()


def drop(connection: BaseDatabaseWrapper, table: str, rows: int) -> None:
    """Drop a table that still has as many rows as were archived. Raises PartitionError if it has not."""
    patiently(connection, lambda cursor: drop_unchanged(cursor, connection.ops.quote_name(table), rows))


def drop_unchanged(cursor: CursorWrapper, table: str, rows: int) -> None:
    cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
    cursor.execute(f"SELECT count(*) FROM {table}")
    (count,) = cursor.fetchone()
    if count != rows:
        raise PartitionError(f"{table} has {count:,} rows, but {rows:,} were archived: somebody writes to it")
    cursor.execute(f"DROP TABLE {table}")
