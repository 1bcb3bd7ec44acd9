"""Places in the write-ahead log, as whole numbers of bytes, and what was visible there."""

from dataclasses import dataclass

from django.db import connections

POSITION = """
    SELECT (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END
            - '0/0')::bigint, pg_is_in_recovery(), pg_snapshot_xmin(pg_current_snapshot())::text::bigint
"""
WRITTEN = "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint"
MARKED = "SELECT (pg_logical_emit_message(false, 'foodshare', '') - '0/0')::bigint - 1"


@dataclass(frozen=True)
class Position:
    """How new what is read after it is at least.

    Every commit that somebody knows to lie at or before `lsn` is visible, and every transaction before `xmin` that
    committed.
    """

    lsn: int
    xmin: int


def position(alias: str) -> Position:
    """How new what this server shows from now on is at least.

    The primary's log ends behind commits that wait for a standby and are not visible yet. Whoever was told that a
    commit is done, and asked for the log's end then (see `written`), was told a later end if such a one was in
    between; if the ends are the same it cannot be told who asked first. Hence one byte less.
    """
    with connections[alias].cursor() as cursor:
        cursor.execute(POSITION)
        lsn, is_standby, xmin = cursor.fetchone()
    return Position(lsn if is_standby else lsn - 1, xmin)


def written() -> int:
    """The primary's end of the log: at or after all commits that this process was told of."""
    with connections["default"].cursor() as cursor:
        cursor.execute(WRITTEN)
        lsn: int = cursor.fetchone()[0]
    return lsn


def marked() -> int:
    """A place in the primary's log that nobody has seen yet, after all commits that are visible now. The log's end
    would not do where nothing is written: it may have been looked at before one of them became visible."""
    with connections["default"].cursor() as cursor:
        cursor.execute(MARKED)
        lsn: int = cursor.fetchone()[0]
    return lsn
