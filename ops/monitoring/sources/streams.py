"""The streams: how long they are, and how far their readers."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError, ResponseError

from foodshare.streams.names import GROUPS, TOPICS, dead_letters_of, streams_of
from foodshare.streams.server import client, position
from ops.monitoring.figures import Figure


@dataclass
class Reader:
    """A group that reads a topic: entries it was not handed, those it was and has not acknowledged, the age of the
    oldest of these in seconds, and its consumers in any of the topic's streams."""

    lag: int = 0
    pending: int = 0
    oldest: float = 0.0
    consumers: int = 0


@dataclass
class Topic:
    """The streams of a topic taken together."""

    length: int = 0
    dead_letters: int = 0
    readers: dict[str, Reader] = field(default_factory=dict)


def topics(server: "Redis") -> dict[str, Topic]:
    """Every topic. Raises RedisError."""
    pipeline = server.pipeline(transaction=False)
    for topic in TOPICS:
        pipeline.xlen(dead_letters_of(topic))
        for stream in streams_of(topic):
            pipeline.xlen(stream)
            pipeline.xinfo_groups(stream)
            pipeline.xpending(stream, GROUPS[topic])
    answers = iter(pipeline.execute(raise_on_error=False))
    return {topic: topic_of(topic, answers) for topic in TOPICS}


def topic_of(topic: str, answers: Iterator[Any]) -> Topic:
    """One topic, of the answers to what was asked of it."""
    found = Topic(dead_letters=told(next(answers)) or 0, readers={GROUPS[topic]: Reader()})
    for _ in streams_of(topic):
        found.length += told(next(answers)) or 0
        groups, waiting = told(next(answers)) or [], told(next(answers))
        for group in groups:
            add(found.readers.setdefault(group["name"], Reader()), group)
        if waiting and waiting["min"]:
            reader = found.readers[GROUPS[topic]]
            reader.oldest = max(reader.oldest, time.time() - position(waiting["min"])[0] / 1000)
    return found


def told(answer: Any) -> Any:
    """An answer; None where the stream or its group is not there yet. Raises any other error."""
    if isinstance(answer, ResponseError) and ("no such key" in str(answer) or "NOGROUP" in str(answer)):
        return None
    if isinstance(answer, Exception):
        raise answer
    return answer


def add(reader: Reader, group: dict[str, Any]) -> None:
    reader.lag += group["lag"] or 0
    reader.pending += group["pending"]
    reader.consumers = max(reader.consumers, group["consumers"])


def figures() -> Iterator[Figure]:
    server = client(settings.STREAM_URL)
    try:
        memory: Any = server.info("memory")
    except RedisError:
        yield "foodshare_streams_up", {}, False
        raise
    yield "foodshare_streams_up", {}, True
    yield "foodshare_stream_memory_bytes", {}, memory["used_memory"]
    yield "foodshare_stream_memory_limit_bytes", {}, memory["maxmemory"]
    for topic, found in topics(server).items():
        yield "foodshare_stream_length", {"topic": topic}, found.length
        yield "foodshare_stream_dead_letters", {"topic": topic}, found.dead_letters
        for name, reader in found.readers.items():
            labels = {"topic": topic, "group": name}
            yield "foodshare_stream_lag", labels, reader.lag
            yield "foodshare_stream_pending", labels, reader.pending
            yield "foodshare_stream_pending_oldest_seconds", labels, reader.oldest
            yield "foodshare_stream_consumers", labels, reader.consumers
