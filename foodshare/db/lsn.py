"""Places in the write-ahead log, and what was visible there."""

import time
from dataclasses import dataclass

from django.db import connections

LAST = 2**62  # beyond any log's end

# A standby that receives nothing for now is at least on the timeline of what it has on its disk.
TIMELINE = """
    CASE WHEN pg_is_in_recovery() THEN coalesce(
        (SELECT received_tli FROM pg_stat_wal_receiver),
        (SELECT greatest(timeline_id, min_recovery_end_timeline) FROM pg_control_checkpoint(), pg_control_recovery()))
    ELSE ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int END
"""
LOOK = f"""
    SELECT {TIMELINE}, pg_is_in_recovery(),
           (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END
            - '0/0')::bigint,
           (CASE WHEN pg_is_in_recovery() THEN greatest(pg_last_wal_replay_lsn(), pg_last_wal_receive_lsn())
                 ELSE pg_current_wal_flush_lsn() END - '0/0')::bigint
"""
POSITION = f"""
    SELECT (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END
            - '0/0')::bigint, pg_is_in_recovery(), pg_snapshot_xmin(pg_current_snapshot())::text::bigint, {TIMELINE}
"""
MARKED = "SELECT (pg_logical_emit_message(false, 'foodshare', '') - '0/0')::bigint - 1"


@dataclass(frozen=True, slots=True)
class Place:
    """So many bytes of the log, on a timeline or on any that forked from it later.

    What was acknowledged lies before the fork. So whoever is on a later timeline and has as much of the log has all of
    it, and whoever was left on an earlier one may have something else there.
    """

    timeline: int = 0
    lsn: int = 0

    def covers(self, other: "Place") -> bool:
        """Whether all that was acknowledged by the other place is there."""
        return self.timeline >= other.timeline and self.lsn >= other.lsn

    def joined(self, other: "Place") -> "Place":
        """The first place that covers both."""
        return Place(max(self.timeline, other.timeline), max(self.lsn, other.lsn))

    def within(self, lsn: int) -> "Place":
        """The same, or its timeline's place at `lsn` if that is earlier."""
        return Place(self.timeline, min(self.lsn, lsn))


START = Place()
EVERYTHING = Place(0, LAST)


@dataclass(frozen=True, slots=True)
class Sight:
    """A server as it answered to a question asked at `asked_at` (monotonic seconds).

    `place` is how far a standby has replayed, or where the primary's log ends; `received` how far it has the log on its
    disk.
    """

    place: Place
    is_standby: bool
    received: int
    asked_at: float

    @property
    def shown(self) -> Place:
        """Up to where something may have been seen there. Whoever has the byte before has the last record, too; and
        where nothing is written, that is where who tells what was delivered stands (see `position`)."""
        return Place(self.place.timeline, self.place.lsn - 1)


@dataclass(frozen=True, slots=True)
class Position:
    """How new what is read after it is at least.

    Every commit that somebody knows to lie at or before `lsn` is visible, and every transaction before `xmin` that
    committed.
    """

    lsn: int
    xmin: int
    timeline: int = 0

    @property
    def place(self) -> Place:
        return Place(self.timeline, self.lsn)


def sight(asked_at: float, timeline: int, is_standby: bool, lsn: int, received: int) -> Sight:
    """What LOOK's row says."""
    return Sight(Place(timeline, lsn), is_standby, received, asked_at)


def look(alias: str) -> Sight:
    """How the server is now."""
    with connections[alias].cursor() as cursor:
        asked_at = time.monotonic()
        cursor.execute(LOOK)
        return sight(asked_at, *cursor.fetchone())


def position(alias: str) -> Position:
    """How new what this server shows from now on is at least.

    The primary's log ends behind commits that wait for a standby and are not visible yet. Whoever was told that a
    commit is done, and asked for the log's end then (see `written`), was told a later end if such a one was in
    between; if the ends are the same it cannot be told who asked first. Hence one byte less.
    """
    with connections[alias].cursor() as cursor:
        cursor.execute(POSITION)
        lsn, is_standby, xmin, timeline = cursor.fetchone()
    return Position(lsn if is_standby else lsn - 1, xmin, timeline)


def written() -> Place:
    """The primary's end of the log: at or after all commits that this process was told of."""
    return look("default").place


def marked() -> int:
    """A place in the primary's log that nobody has seen yet, after all commits that are visible now. The log's end
    would not do where nothing is written: it may have been looked at before one of them became visible."""
    with connections["default"].cursor() as cursor:
        cursor.execute(MARKED)
        lsn: int = cursor.fetchone()[0]
    return lsn
