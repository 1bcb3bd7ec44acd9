"""What the cache has done, added up for all processes on its server: counted here, and sent once a second."""

import threading
from collections import Counter
from contextlib import suppress
from typing import Any, Literal

from redis import Redis

from foodshare.cache.keys import STATISTICS, prefixed
from foodshare.cache.server import Away, ask

# What became of a question: a hit in this process or in Valkey, a miss, or the database was asked as nothing might be
# used (bypass). What was loaded, and what was waited for while another process loaded it (shared). Of hits that were
# compared with the database: those that are right (checked), stale ones, and those that differ as time went on (drift).
Happening = Literal["local", "valkey", "miss", "bypass", "load", "shared", "checked", "stale", "drift"]

_counts: Counter[str] = Counter()
_lock = threading.Lock()


def count(pattern: str, happening: Happening) -> None:
    with _lock:
        _counts[f"{pattern}:{happening}"] += 1


def send() -> None:
    """Add what was counted here to what the server keeps; while it is away, go on counting."""
    with _lock:
        taken = dict(_counts)
        _counts.clear()
    if not taken:
        return
    try:
        ask(lambda server: add(server, taken))
    except Away:
        with _lock:
            _counts.update(taken)


def add(server: "Redis", counts: dict[str, int]) -> None:
    pipeline = server.pipeline(transaction=False)
    for field, number in counts.items():
        pipeline.hincrby(prefixed(STATISTICS), field, number)
    pipeline.execute()


def totals() -> dict[str, Counter[str]]:
    """By pattern, how often what happened. While the server is away: nothing."""
    found: dict[str, Counter[str]] = {}
    with suppress(Away):
        kept: Any = ask(lambda server: server.hgetall(prefixed(STATISTICS)))
        for field, number in kept.items():
            pattern, _, happening = field.decode().partition(":")
            found.setdefault(pattern, Counter())[happening] = int(number)
    return found
