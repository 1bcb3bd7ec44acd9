"""From the streams into the database: each event applied once, in the order of its person, whatever is delivered.

What tells that an event was not applied is its row in the outbox; the transaction that applies it deletes the row and
moves the checkpoint, and only then is the entry acknowledged. So an entry that comes twice finds nothing to do, and
one that never comes is made good by the next one of the same person, or published again by the relay.
"""

import logging
import os
import socket
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import Error, connections, transaction
from django.db.models import F
from redis import Redis
from redis.exceptions import OutOfMemoryError, ResponseError

from foodshare.db.operations import sql
from foodshare.models import OutboxEvent
from foodshare.streams.loop import Every, is_away, took_too_long
from foodshare.streams.names import ALL_STREAMS, GROUPS, dead_letters_of
from foodshare.streams.server import groups
from reputation.checkpoints import move_checkpoints
from reputation.projections import PROJECTIONS

BATCH = 100  # entries of one stream
CLAIM_IDLE = 30.0  # seconds after which an entry's consumer counts as dead
CLAIM_EVERY = 10.0  # seconds
FORGET_IDLE = 3600.0  # seconds after which a consumer that holds nothing is struck off
TRIES = 3  # turns that an event alone may take longer than the database allows, before it is set aside
FIRST = "0-0"  # where a look at what consumers hold begins, and what ends one
MOST_DEAD_LETTERS = 10_000  # entries kept for other programs to read; the outbox has them all

Step = Callable[[str], object]
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """What was delivered: the stream's entry, and the row of the outbox that it carries (0: it carries none)."""

    stream: str
    id: str
    row: int
    user_id: UUID | None


class Consumer:
    """One of the consumers that share all streams."""

    def __init__(self, server: "Redis", *, step: Step = str, claim_idle: float = CLAIM_IDLE) -> None:
        self.server, self.step, self.claim_idle = server, step, claim_idle
        self.name = f"{socket.gethostname()}-{os.getpid()}"
        self.time_to_claim = Every(min(CLAIM_EVERY, claim_idle), time.monotonic)
        self.held: list[Entry] = []  # delivered, and not acknowledged yet
        self.looked_up_to = dict.fromkeys(ALL_STREAMS, FIRST)  # where the next look at what others hold begins
        self.made_group = False  # in this turn, so that there may be what was not read
        self.one_by_one = False  # as the batch in hand took too long

    def work(self) -> bool:
        """One turn; tells whether more may be left to do. What a server's absence left in hand comes first."""
        self.made_group = False
        if not self.held:
            self.held = self.read()
            if self.time_to_claim.due():
                self.held += self.claim()
        if not self.held:
            return self.made_group
        self.step("delivered")
        self.apply_held()
        self.acknowledge(self.held)
        self.held = []
        self.step("acknowledged")
        return True

    def apply_held(self) -> None:
        try:
            for topic, entries in by_topic(self.held).items():
                apply_entries(topic, entries, self.server, self.step, one_by_one=self.one_by_one)
        except Error as error:
            self.one_by_one = took_too_long(error)
            raise
        self.one_by_one = False

    def read(self) -> list[Entry]:
        """The next entries that no consumer was given. A command a stream, so that a cluster may part them."""
        pipeline = self.server.pipeline(transaction=False)
        for stream, topic in ALL_STREAMS.items():
            pipeline.xreadgroup(GROUPS[topic], self.name, {stream: ">"}, count=BATCH)
        return self.entries(pipeline.execute(raise_on_error=False), lambda answer: answer[0][1] if answer else [])

    def claim(self) -> list[Entry]:
        """Entries of consumers that have not been heard of, and strike off those that hold nothing.

        The server looks at some entries of each stream; the next look goes on there, at once while anything is found
        or the end was not reached.
        """
        pipeline = self.server.pipeline(transaction=False)
        for stream, topic in ALL_STREAMS.items():
            pipeline.xautoclaim(stream, GROUPS[topic], self.name, int(1000 * self.claim_idle),
                                start_id=self.looked_up_to[stream], count=BATCH)
        forget_consumers(self.server)
        answers = pipeline.execute(raise_on_error=False)
        claimed = self.entries(answers, lambda answer: answer[1])
        self.looked_up_to = {stream: FIRST if isinstance(answer, Exception) else answer[0]
                             for stream, answer in zip(ALL_STREAMS, answers, strict=True)}
        if claimed or set(self.looked_up_to.values()) != {FIRST}:
            self.time_to_claim.hasten()
        return claimed

    def entries(self, answers: Sequence[Any], found: Callable[[Any], Iterable[Any]]) -> list[Entry]:
        """The entries in each stream's answer; where the group is missing it is made, and the next turn will read."""
        entries: list[Entry] = []
        for (stream, topic), answer in zip(ALL_STREAMS.items(), answers, strict=True):
            if isinstance(answer, ResponseError) and "NOGROUP" in str(answer):
                make_group(self.server, stream, GROUPS[topic])
                self.made_group = True
            elif isinstance(answer, Exception):
                raise answer
            else:
                entries += [entry_of(stream, id, fields) for id, fields in found(answer)]
        return entries

    def acknowledge(self, entries: Sequence[Entry]) -> None:
        pipeline = self.server.pipeline(transaction=False)
        for stream, part in grouped(entries, lambda entry: entry.stream).items():
            pipeline.xack(stream, GROUPS[ALL_STREAMS[stream]], *(entry.id for entry in part))
        pipeline.execute()


def make_group(server: "Redis", stream: str, group: str) -> None:
    """Begin to read a stream from its first entry."""
    try:
        server.xgroup_create(stream, group, id="0", mkstream=True)
    except ResponseError as error:
        if "BUSYGROUP" not in str(error):  # another consumer was faster
            raise


def forget_consumers(server: "Redis") -> None:
    """Strike off consumers that ended long ago."""
    for stream, topic in ALL_STREAMS.items():
        if GROUPS[topic] not in groups(server, stream):
            continue
        for consumer in server.xinfo_consumers(stream, GROUPS[topic]):
            if consumer["pending"] == 0 and consumer["idle"] > 1000 * FORGET_IDLE:
                server.xgroup_delconsumer(stream, GROUPS[topic], consumer["name"])


def entry_of(stream: str, id: str, fields: dict[str, str]) -> Entry:
    """The entry; one that another program wrote, or that was trimmed while it was held, carries no row."""
    try:
        return Entry(stream, id, int(fields["row"]), UUID(fields["user"]) if fields["user"] else None)
    except (KeyError, TypeError, ValueError):
        logger.warning("entry %s of %s is none of ours: %s", id, stream, fields)
        return Entry(stream, id, 0, None)


def by_topic(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    return grouped(entries, lambda entry: ALL_STREAMS[entry.stream])


def grouped(entries: Iterable[Entry], key: Callable[[Entry], str]) -> dict[str, list[Entry]]:
    groups: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        groups[key(entry)].append(entry)
    return groups


def apply_entries(topic: str, entries: Sequence[Entry], server: "Redis", step: Step, *, one_by_one: bool) -> None:
    """Apply what the entries tell of. Where that fails as a whole, each event is tried by itself, and the ones at fault
    are set aside; but a server that is away is none of theirs, and is raised.
    """
    ids, carriers = due(topic, entries), {entry.row: entry.id for entry in entries}
    told = entries_told(entries)
    if one_by_one or not apply_together(topic, ids, carriers, told, step):
        applied = [row for id in ids for row in apply_alone(topic, id, carriers, server, step)]
        with transaction.atomic():
            move_checkpoints(GROUPS[topic], told, applied)


def due(topic: str, entries: Sequence[Entry]) -> list[int]:
    """The rows to apply: those that the entries carry, and earlier ones of the same people; in their order."""
    last: dict[UUID, int] = {}
    for entry in entries:
        if entry.user_id:
            last[entry.user_id] = max(entry.row, last.get(entry.user_id, 0))
    with connections["default"].cursor() as cursor:
        cursor.execute(sql("foodshare", "queries/outbox_due"), {
            "topic": topic, "people": list(last), "last": list(last.values()),
            "of_nobody": [entry.row for entry in entries if entry.user_id is None]})
        return [id for id, _ in cursor.fetchall()]


def apply_together(topic: str, ids: Sequence[int], carriers: Mapping[int, str], told: Sequence[tuple[str, str]],
                   step: Step) -> bool:
    """Apply the rows, and move the checkpoints of the entries' streams, all or nothing; tells whether that was done.

    Raises what tells that a server is away.
    """
    try:
        with transaction.atomic():
            rows = apply_rows(topic, ids, carriers, step)
            move_checkpoints(GROUPS[topic], told, rows)
            step("checked")
    except Exception as error:
        if is_away(error):
            raise
        logger.warning("%s events of %s could not be applied together: %r", len(ids), topic, error)
        return False
    step("committed")
    return True


def apply_rows(topic: str, ids: Sequence[int], carriers: Mapping[int, str], step: Step) -> list[OutboxEvent]:
    """Apply the rows that are still there, in the open transaction, and answer them.

    `carriers` has the entries that delivered rows: a relay that died may have left such a row unmarked.
    """
    rows = list(OutboxEvent.objects.raw(sql("foodshare", "queries/outbox_taken"), {"ids": list(ids)}))
    for row in rows:
        row.stream_id = carriers.get(row.pk, row.stream_id)
    step("taken")
    with connections["default"].cursor() as cursor:
        cursor.execute(sql("foodshare", "queries/outbox_delete"), {"ids": [row.pk for row in rows]})
    if rows:
        PROJECTIONS[topic].apply(rows)
    step("applied")
    return rows


def entries_told(entries: Iterable[Entry]) -> list[tuple[str, str]]:
    """The last entry of each stream."""
    return [(stream, part[-1].id) for stream, part in sorted(grouped(entries, lambda entry: entry.stream).items())]


def apply_alone(topic: str, id: int, carriers: Mapping[int, str], server: "Redis", step: Step) -> list[OutboxEvent]:
    """Apply one row and answer it, or set it aside. Raises what tells that a server is away."""
    try:
        with transaction.atomic():
            return apply_rows(topic, [id], carriers, step)
    except Exception as error:
        if is_away(error) and not (took_too_long(error) and tried_in_vain(id)):
            raise
        set_aside(topic, id, error, server)
        return []


def tried_in_vain(id: int) -> bool:
    """Whether an event that took too long again was tried often enough; until then the attempt is counted."""
    waiting = OutboxEvent.objects.alias(tried=(F("attempts") + 1) % TRIES).filter(pk=id, error="").exclude(tried=0)
    return not waiting.update(attempts=F("attempts") + 1)


def set_aside(topic: str, id: int, error: Exception, server: "Redis") -> None:
    """Keep an event out of the way until somebody has it tried again, and tell why: rather twice than not at all."""
    with transaction.atomic():
        row = OutboxEvent.objects.select_for_update().filter(pk=id, error="").first()
        if row is None:
            return
        row.attempts, row.error = row.attempts + 1, f"{type(error).__name__}: {error}".strip()
        row.save(update_fields=["attempts", "error"])
        PROJECTIONS[topic].set_aside(row)
        write_dead_letter(topic, row, server)
    logger.error("event %s of %s was set aside: %s", row.event_id, topic, row.error)


def write_dead_letter(topic: str, row: OutboxEvent, server: "Redis") -> None:
    """A server whose memory is full goes without it: what frees memory is that events are applied."""
    with suppress(OutOfMemoryError):
        server.xadd(dead_letters_of(topic), {
            "row": row.pk, "event": str(row.event_id), "type": row.event_type, "user": str(row.user_id or ""),
            "error": row.error, "attempts": row.attempts}, maxlen=MOST_DEAD_LETTERS, approximate=True)
