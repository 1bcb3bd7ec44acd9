"""Keeping the streams and the outbox of one mind, and the streams short."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connections, transaction
from redis import Redis

from foodshare.db.operations import sql
from foodshare.streams.names import ALL_STREAMS, GROUPS, stream_of
from foodshare.streams.server import groups, position

BATCH = 1000  # rows


@dataclass(frozen=True)
class Travelling:
    """A row of the outbox that an entry of a stream should carry."""

    id: int
    event_id: UUID
    topic: str
    user_id: UUID | None
    stream_id: str

    @property
    def stream(self) -> str:
        return stream_of(self.topic, self.user_id)


@dataclass(frozen=True)
class Looked:
    """What a look at some rows found; the next look goes on after `last`, from the beginning when it is None."""

    lost: int
    last: int | None


def republish_lost(server: "Redis", after: int = 0, size: int = BATCH) -> Looked:
    """Have those of the next `size` rows published again that no stream will deliver any more.

    So it is after the streams' server was emptied, was replaced by a replica that lacked the newest entries, or after
    the database went back to a time when they were not applied yet.
    """
    with connections["default"].cursor() as cursor:
        cursor.execute(sql("foodshare", "queries/outbox_travelling"), {"after": after, "most": size})
        rows = [Travelling(*row) for row in cursor.fetchall()]
    lost = [row for part in by_stream(rows).values() for row in undeliverable(server, part)]
    if lost:
        with transaction.atomic(), connections["default"].cursor() as cursor:
            cursor.execute(sql("foodshare", "queries/outbox_lost"), {"ids": [row.id for row in lost],
                                                                     "entries": [row.stream_id for row in lost]})
    return Looked(len(lost), rows[-1].id if len(rows) == size else None)


def by_stream(rows: list[Travelling]) -> dict[str, list[Travelling]]:
    parts: dict[str, list[Travelling]] = defaultdict(list)
    for row in rows:
        parts[row.stream].append(row)
    return parts


def undeliverable(server: "Redis", rows: list[Travelling]) -> list[Travelling]:
    """Those rows of one stream whose entry is gone or another's, or was delivered and is held by no consumer."""
    stream, group = rows[0].stream, GROUPS[rows[0].topic]
    delivered = position(groups(server, stream).get(group, {}).get("last-delivered-id", "0-0"))
    pipeline = server.pipeline(transaction=False)
    for row in rows:
        pipeline.xrange(stream, row.stream_id, row.stream_id)
    if delivered > (0, 0):
        for row in rows:
            pipeline.xpending_range(stream, group, row.stream_id, row.stream_id, 1)
    answers = pipeline.execute()
    entries, held = answers[:len(rows)], answers[len(rows):] or [[]] * len(rows)
    return [row for row, found, pending in zip(rows, entries, held, strict=True)
            if not (carries(found, row) and (pending or position(row.stream_id) > delivered))]


def carries(found: list[Any], row: Travelling) -> bool:
    return bool(found) and found[0][1].get("event") == str(row.event_id)


def trim(server: "Redis") -> int:
    """Drop the entries that every consumer group has acknowledged; answers how many.

    A stream that the platform's own group has not read yet is left alone.
    """
    dropped = 0
    for stream, topic in ALL_STREAMS.items():
        found = groups(server, stream)
        if GROUPS[topic] in found:
            edge = min(first_needed(server, stream, name, group) for name, group in found.items())
            dropped += server.xtrim(stream, minid="{}-{}".format(*edge), approximate=False)
    return dropped


def first_needed(server: "Redis", stream: str, name: str, group: dict[str, Any]) -> tuple[int, int]:
    """The position of the first entry that a group has not acknowledged."""
    if group["pending"]:
        return position(server.xpending(stream, name)["min"] or "0-0")
    milliseconds, number = position(group["last-delivered-id"])
    return milliseconds, number + 1
