"""From the outbox to the streams.

Any number of relays may run: each takes rows that no other holds. A row is marked with the entry that carries it in
the transaction that holds it, after the entry was written. Whoever dies in between leaves an entry for a row that will
be published again; the consumers apply it once all the same.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connections, transaction
from django.db.models import F, TextField, Value
from django.db.models.functions import Concat
from redis import Redis

from foodshare.db.operations import sql
from foodshare.models import OutboxEvent
from foodshare.streams.loop import Every
from foodshare.streams.names import ALL_STREAMS, GROUPS, stream_of
from foodshare.streams.upkeep import republish_lost, trim

BATCH = 500  # rows
MOST_AHEAD = 100_000  # entries that wait in the streams; the others wait in the outbox
LOOK_EVERY, TRIM_EVERY = 1.0, 5.0  # seconds between two looks for lost entries, and between two trims
WARN_EVERY = 60.0  # seconds
logger = logging.getLogger(__name__)
Step = Callable[[str], object]


class Relay:
    """Publishes, looks for what was lost, and keeps the streams short."""

    def __init__(self, server: "Redis", step: Step = str) -> None:
        self.server, self.step = server, step
        self.time_to_look, self.time_to_trim = Every(LOOK_EVERY, time.monotonic), Every(TRIM_EVERY, time.monotonic)
        self.time_to_warn = Every(WARN_EVERY, time.monotonic)
        self.looked_up_to = 0  # the row after which the next look for lost entries begins

    def work(self) -> bool:
        """One turn; tells whether more may wait. To trim comes first: it makes room where a server's memory is full."""
        if self.time_to_trim.due():
            trim(self.server)
        published = publish(self.server, step=self.step) if self.has_room() else 0
        lost = self.look() if self.time_to_look.due() else 0
        return published > 0 or lost > 0

    def has_room(self) -> bool:
        """Whether more entries would not only fill the server's memory, as consumers are far behind."""
        ahead = entries_ahead(self.server)
        if ahead >= MOST_AHEAD and self.time_to_warn.due():
            logger.warning("the streams hold %s entries that some consumer group has not acknowledged: nothing more is "
                           "published until they are fewer than %s", ahead, MOST_AHEAD)
        return ahead < MOST_AHEAD

    def look(self) -> int:
        """Have some lost rows published again; answers how many. Having found one, it looks at all rows at once."""
        lost = 0
        while True:
            looked = republish_lost(self.server, self.looked_up_to)
            self.looked_up_to, lost = looked.last or 0, lost + looked.lost
            if looked.lost == 0 or looked.last is None:
                return lost


def publish(server: "Redis", size: int = BATCH, step: Step = str) -> int:
    """Publish up to `size` rows in the order of their ids, and answer how many; `step` is told what was just done.

    A row of a topic that no stream carries is set aside. Raises what the server refused an entry with, after those that
    it took were marked.
    """
    with transaction.atomic(), connections["default"].cursor() as cursor:
        cursor.execute(sql("foodshare", "queries/outbox_unpublished"), {"most": size})
        taken = cursor.fetchall()
        if not taken:
            return 0
        step("taken")
        rows = [row for row in taken if row[2] in GROUPS]
        set_aside([row[0] for row in taken if row[2] not in GROUPS])
        pipeline = server.pipeline(transaction=False)
        for row in rows:
            add(pipeline, *row)
        answers = pipeline.execute(raise_on_error=False)
        step("published")
        carried = [(row[0], entry) for row, entry in zip(rows, answers, strict=True) if isinstance(entry, str)]
        cursor.execute(sql("foodshare", "queries/outbox_published"), {"ids": [id for id, _ in carried],
                                                                      "entries": [entry for _, entry in carried]})
        step("marked")
    step("committed")
    if refusals := [answer for answer in answers if isinstance(answer, Exception)]:
        raise refusals[0]
    return len(taken)


def set_aside(ids: list[int]) -> None:
    """Say of rows that no stream carries their topic; somebody may have them tried again in the admin."""
    if ids:
        OutboxEvent.objects.filter(pk__in=ids).update(
            attempts=F("attempts") + 1, error=Concat(Value("no stream carries the topic "), F("topic"),
                                                     output_field=TextField()))
        logger.error("%s events were set aside, as no stream carries their topic", len(ids))


def all_published() -> bool:
    """Whether no event waits to be published, here or in the hands of another relay."""
    return not OutboxEvent.objects.filter(stream_id=None, error="").exists()


def add(pipeline: Any, id: int, event_id: UUID, topic: str, kind: str, user_id: UUID | None, payload: str,
        created_at: datetime) -> None:
    """Write the entry of one row."""
    pipeline.xadd(stream_of(topic, user_id), {
        "row": id, "event": str(event_id), "type": kind, "user": str(user_id or ""), "payload": payload,
        "created_at": created_at.isoformat()})


def entries_ahead(server: "Redis") -> int:
    """How many entries the streams hold."""
    pipeline = server.pipeline(transaction=False)
    for stream in ALL_STREAMS:
        pipeline.xlen(stream)
    return sum(pipeline.execute())
