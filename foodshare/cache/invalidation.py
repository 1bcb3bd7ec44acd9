"""From what the database's triggers noted to every process: which keys are invalid since which commit.

A trigger notes a change in the transaction that makes it, so that none is missed, however it was written. The relay
looks for such notes many times a second, and deletes them once they were delivered: what is told twice does no harm.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.db import connections, transaction
from django.utils.module_loading import import_string

from foodshare.cache import store, writers
from foodshare.cache.keys import CHANGES, GROUNDS, PATTERNS, SAME, WRITERS, Pattern, prefixed, prefixed_pattern
from foodshare.cache.listener import TRUSTED, tell
from foodshare.cache.server import ask, runs, try_again
from foodshare.db.lsn import TIMELINE, Place
from foodshare.db.operations import sql
from foodshare.streams.loop import Every, is_away

BATCH = 2000  # notes
MOST_KEYS = 10_000  # of one pattern made invalid each by itself; of more, every one is
LOOK_EVERY = 0.015  # seconds
LATE = 1000  # milliseconds for which the server may take an assurance after it answered last
TELL_EVERY = 0.5  # seconds between two assurances, when nothing happens
KEEP_EVERY = TRUSTED + 0.5  # seconds between two removals of people who wrote long ago
CHECK_EVERY = 2.0  # seconds between two looks at what the values rest on
ALL = "*"  # the subject of a change of very many rows
# Where several relays run, only one of them delivers; and a note that is delivered twice does no harm.
TAKE_TURN = """
    SELECT pg_try_advisory_xact_lock(hashtextextended('cache invalidation', 0)),
           set_config('synchronous_commit', 'off', true)
"""
# Commits that wait for a synchronous standby are visible on other standbys already, but not yet here. What is known of
# them is how far those have confirmed that they have the log, if this role may see it.
CONFIRMED = """
    CASE WHEN current_setting('synchronous_standby_names') = '' OR NOT pg_has_role('pg_read_all_stats', 'USAGE')
    THEN pg_current_wal_insert_lsn()
    ELSE coalesce((SELECT min(flush_lsn) FROM pg_stat_get_wal_senders() WHERE sync_state IN ('sync', 'quorum')), '0/0')
    END
"""
PENDING = f"""
    SELECT {TIMELINE}, (pg_current_wal_insert_lsn() - '0/0')::bigint, ({CONFIRMED} - '0/0')::bigint,
           EXISTS (SELECT FROM cache_invalidations)
"""
# The database and its timeline: another one's places in the log say nothing of those that were kept.
DATABASE = """
    SELECT system_identifier || ' ' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) FROM pg_control_system()
"""
Note = tuple[str, str, int]  # the change's name, its subject, and the xid of its transaction
logger = logging.getLogger(__name__)


@dataclass
class Invalid:
    """Keys, each with the newest xid that made it invalid, and patterns of which every key is."""

    keys: dict[str, int] = field(default_factory=dict)
    patterns: set[str] = field(default_factory=set)

    def expand(self, pattern: Pattern, expand: str, subjects: dict[str, int]) -> None:
        """Add the keys of changes; all of the pattern where they are very many, or where it cannot be told which they
        are: nothing else would be delivered."""
        try:
            with transaction.atomic():
                found = dict(expanded(expand, subjects))
        except Exception as error:
            if is_away(error):
                raise
            logger.exception("which keys of %r are invalid cannot be told: all are", pattern.name)
            self.patterns.add(pattern.every)
            return
        if len(found) > MOST_KEYS:
            self.patterns.add(pattern.every)
            return
        for id, xid in found.items():
            self.add(pattern.key(id), xid)

    def add(self, key: str, xid: int) -> None:
        self.keys[key] = max(xid, self.keys.get(key, 0))


class Relay:
    """Delivers notes, and says up to where in the log all are delivered. Of several relays one works at a time."""

    def __init__(self) -> None:
        self.timeline = 0  # the primary's
        self.seen = 0  # the log's end before this pass, as far as what waits for standbys was confirmed
        self.told = 0  # up to where all processes were told that all is delivered
        self.heard_by_all = 0  # the same, so long ago that whoever has not heard it trusts nothing
        self.clock = 0  # the server's, in milliseconds, when it answered last
        self.is_well = False  # since the last pass began nothing failed
        self.time_to_tell, self.time_to_keep = Every(TELL_EVERY, time.monotonic), Every(KEEP_EVERY, time.monotonic)
        self.time_to_check = Every(CHECK_EVERY, time.monotonic)

    def work(self) -> bool:
        """One pass; tells whether more notes may wait. When none does, as mostly, it is one statement.

        Then all that this relay sees is delivered, whoever did it: a note is gone once its delivery is committed.
        """
        was_well, self.is_well = self.is_well, False
        try_again()
        timeline, end, confirmed, waiting = pending()
        if self.time_to_check.due() or not was_well or timeline != self.timeline:
            self.check(timeline, was_well)
        last, waiting = self.take_turn() if waiting else (end, False)
        if last is not None and not waiting:
            self.assure(min(last, confirmed + 1))
        self.is_well = True
        return waiting

    def take_turn(self) -> tuple[int | None, bool]:
        """Deliver a batch; answers the log's end then, and whether more may wait. None: another relay is at it."""
        with transaction.atomic(), connections["default"].cursor() as cursor:
            cursor.execute(TAKE_TURN)
            if cursor.fetchone()[0] is False:
                return None, False
            cursor.execute(sql("foodshare", "queries/cache_invalidations"), {"most": BATCH})
            end, ids, *columns = cursor.fetchone()
            deliver(invalidated_by([*zip(*columns, strict=True)]), end)
            cursor.execute("DELETE FROM cache_invalidations WHERE id = ANY(%s)", [ids])
        return end, len(ids) == BATCH

    def assure(self, end: int) -> None:
        """Say up to where all is delivered: what was visible when this pass looked, and so all that anybody was told
        to be committed before the pass before it looked at the log's end."""
        delivered, self.seen = self.seen - 1, max(end, self.seen)
        if delivered > self.told or (delivered > 0 and self.time_to_tell.due()):
            self.say(delivered)
        if delivered > 0 and self.time_to_keep.due():
            writers.keep(self.heard_by_all)
            self.heard_by_all = self.told

    def say(self, delivered: int) -> None:
        """Tell all processes, and once more if the server took it for one that was long under way."""
        for _ in range(2):
            was_told, self.clock = tell([], delivered=Place(self.timeline, delivered), before=self.clock + LATE)
            if was_told:
                self.told = delivered
                return

    def check(self, timeline: int, was_well: bool) -> None:
        """Drop all values, and who wrote, if they rest on what is no more.

        A server that begins with what it once saved, or takes a lost one's place, does not know of all that was made
        invalid; and another database, or the same after a failover, has other places in its log. While this relay was
        not well who wrote may not have been noted either: then all that was written by now is what everybody wrote.
        """
        found, key = grounds(), prefixed(GROUNDS)
        if ask(lambda server: server.get(key)) != found:
            for pattern in PATTERNS.values():
                store.remove(pattern.every)
            store.remove(prefixed_pattern(WRITERS))
            tell([], everything=True)
            store.record(key, "SET", found)
            self.timeline = 0
        if not was_well:
            writers.know_all_up_to_now()
        if timeline != self.timeline:
            self.timeline, self.seen, self.told, self.heard_by_all = timeline, 0, 0, 0


def pending() -> tuple[int, int, int, bool]:
    """The primary's timeline, the log's end, up to where commits wait for no standby, and whether there are notes."""
    with connections["default"].cursor() as cursor:
        cursor.execute(PENDING)
        timeline, end, confirmed, waiting = cursor.fetchone()
    return timeline, end, confirmed, waiting


def grounds() -> bytes:
    """What the values rest on. Raises Away."""
    with connections["default"].cursor() as cursor:
        cursor.execute(DATABASE)
        (database,) = cursor.fetchone()
    return " ".join([database, *ask(runs)]).encode()


def invalidated_by(notes: Sequence[Note]) -> Invalid:
    """What changes make invalid, as CHANGES has it."""
    by_change: dict[str, dict[str, int]] = defaultdict(dict)
    for change, subject, xid in notes:
        by_change[change][subject] = max(xid, by_change[change].get(subject, 0))
    invalid = Invalid()
    for change, subjects in by_change.items():
        if change not in CHANGES:
            logger.error("the database notes a change named %r, of which nothing is known", change)
        for name, expand in CHANGES.get(change, {}).items():
            if ALL in subjects:
                invalid.patterns.add(PATTERNS[name].every)
            else:
                invalid.expand(PATTERNS[name], expand, subjects)
    return invalid


def expanded(expand: str, subjects: dict[str, int]) -> Iterator[tuple[str, int]]:
    """The ids of the keys that changes concern, each with an xid at or after that of what changed."""
    if expand == SAME:
        yield from subjects.items()
    else:
        newest = max(subjects.values())
        ids: Iterable[str] = import_string(expand)([*subjects])
        yield from ((id, newest) for id in ids)


def deliver(invalid: Invalid, lsn: int) -> None:
    """Make it invalid for everybody; `lsn` is at or after all commits behind it. Raises Away."""
    store.invalidate([*invalid.keys.items()], lsn)
    for pattern in invalid.patterns:
        store.remove(pattern)
    if invalid.keys or invalid.patterns:
        tell([*invalid.keys], everything=bool(invalid.patterns))


def invalidate_pattern(pattern: str) -> int:
    """Remove all keys that match, by SCAN, and have every process drop what it holds; answers how many. Raises Away."""
    removed = store.remove(prefixed_pattern(pattern))
    tell([], everything=True)
    return removed


def count_pattern(pattern: str) -> int:
    """How many keys `invalidate_pattern` would remove. Raises Away."""
    return ask(lambda server: sum(map(len, store.batched(server, prefixed_pattern(pattern)))))
