"""How far each consumer group has applied each stream."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from django.db import connections

from foodshare.db.fields import naive
from foodshare.db.operations import sql
from foodshare.models import OutboxEvent
from foodshare.streams.names import stream_of


def move_checkpoints(group: str, told: Iterable[tuple[str, str]], rows: Sequence[OutboxEvent]) -> None:
    """Note the last entry of each stream, and how long its newest event had waited, in the transaction that applied it.

    Where no event was applied, as all had been, the lag is none.
    """
    now = datetime.now(UTC)
    newest: dict[str, datetime] = {}
    for row in rows:
        stream = stream_of(row.topic, row.user_id)
        newest[stream] = max(row.created_at, newest.get(stream, row.created_at))
    with connections["default"].cursor() as cursor:
        for stream, entry in told:
            lag = now - newest.get(stream, now)
            cursor.execute(sql("reputation", "queries/checkpoint"), {
                "group": group, "stream": stream, "entry": entry, "at": naive(now),
                "lag": max(int(lag.total_seconds()), 0)})
