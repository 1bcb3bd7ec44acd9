"""The tier in Valkey: of each key its value, where in the log it was read, who loads it, and what made it invalid.

All of a key is in one hash, so that one script decides on it at once, on a cluster too.
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import Any

from redis import Redis

from foodshare.cache.server import ask
from foodshare.db.lsn import Place

LEASE = 10.0  # seconds for which a loader keeps the others from loading
KEPT = 600.0  # seconds for which an invalidation is remembered
LAST_SERVED = 30.0  # seconds after its lifetime for which a value may be served while one loader loads it anew
BATCH = 500  # keys
FIELDS = ("value", "lsn", "xmin", "fresh_until", "cost", "timeline", "shows")


@dataclass(frozen=True, slots=True)
class Entry:
    """A value as JSON; `fresh_until` is Unix time, `cost` the seconds that it took to load.

    It has all that was done up to `lsn`, and nothing that was done after `shows`, both on `timeline`.
    """

    value: bytes
    lsn: int
    xmin: int
    fresh_until: float
    cost: float
    timeline: int
    shows: int

    @property
    def place(self) -> Place:
        return Place(self.timeline, self.lsn)

    @property
    def up_to(self) -> Place:
        return Place(self.timeline, self.shows)


@dataclass(frozen=True)
class Lease:
    """The right to load a key's value. A loader must read where the log was replayed up to `lsn`; None: the primary."""

    token: str
    lsn: int | None
    invalidations: int


@cache
def script(name: str) -> str:
    return Path(__file__).with_name("lua").joinpath(f"{name}.lua").read_text()


def run(server: "Redis", name: str, key: str, *values: Any) -> Any:
    """Run a script that knows all its text; Valkey keeps it compiled."""
    return registered(server, name)(keys=[key], args=values)


@cache
def registered(server: "Redis", name: str) -> Any:
    return server.register_script(script(name))


def read(key: str) -> Entry | None:
    """The key's value, if it has one. Raises Away."""
    found: Any = ask(lambda server: server.hmget(key, FIELDS))
    if None in found:
        return None
    value, lsn, xmin, fresh_until, cost, timeline, shows = found
    return Entry(value, int(lsn), int(xmin), float(fresh_until), float(cost), int(timeline), int(shows))


def are_kept(keys: Sequence[str]) -> list[bool]:
    """Of each key whether it has a value. Raises Away."""
    return ask(partial(look_for, keys))


def look_for(keys: Sequence[str], server: "Redis") -> list[bool]:
    pipeline = server.pipeline(transaction=False)
    for key in keys:
        pipeline.hexists(key, "value")
    return [bool(found) for found in pipeline.execute()]


def lease(key: str, seen: Entry | None = None, take: bool = False) -> Lease | None:
    """The right to load the value, unless somebody else has it, or stored one other than `seen` since that was read.

    With `take`, in any case. Raises Away.
    """
    token, known = secrets.token_hex(8), seen.fresh_until if seen else ""
    answer = ask(lambda server: run(server, "lease", key, token, int(LEASE * 1000), int(take), known))
    return Lease(token, None if answer[0] is None else int(answer[0]), int(answer[1])) if answer else None


def store(key: str, held: Lease, entry: Entry, lifetime: float) -> bool:
    """Store a value that was loaded under a lease; tells whether it was, as it may be stale by now. Raises Away."""
    gone = int((lifetime + LAST_SERVED) * 1000)
    return bool(ask(lambda server: run(server, "store", key, held.token, held.invalidations, entry.value, entry.lsn,
                                       entry.xmin, entry.fresh_until, entry.cost, gone, entry.timeline,
                                       entry.shows)))


def release(key: str, held: Lease) -> None:
    """Let somebody else load the value, as whoever has the lease could not. Raises Away."""
    ask(lambda server: run(server, "release", key, held.token))


def record(key: str, command: str, *values: Any, insist: bool = False) -> Any:
    """What a command of bookkeeping answers, on a full server too. Raises Away, also where a server takes no writes;
    `insist` as `server.ask` has it."""
    return ask(lambda server: run(server, "record", key, command, *values), insist)


def invalidate(changes: Sequence[tuple[str, int]], lsn: int) -> None:
    """Make keys invalid, each by the xid of the transaction that changed it, committed at or before `lsn`.

    Raises Away; to do it again does no harm.
    """
    for start in range(0, len(changes), BATCH):
        ask(partial(send, changes[start:start + BATCH], lsn))


def send(changes: Sequence[tuple[str, int]], lsn: int, server: "Redis") -> None:
    text = script("invalidate")
    pipeline = server.pipeline(transaction=False)
    for key, xid in changes:
        pipeline.execute_command("EVAL", text, 1, key, lsn, xid, int(KEPT * 1000))  # type: ignore[no-untyped-call]
    pipeline.execute()


def remove(pattern: str) -> int:
    """Remove all keys that match a pattern, and with them the leases; answers how many. Raises Away."""
    return ask(lambda server: sum(unlink(server, keys) for keys in batched(server, pattern)))


def batched(server: "Redis", pattern: str) -> Iterator[list[Any]]:
    found = server.scan_iter(match=pattern, count=BATCH)
    while keys := list(islice(found, BATCH)):
        yield keys


def unlink(server: "Redis", keys: Sequence[Any]) -> int:
    pipeline = server.pipeline(transaction=False)
    for key in keys:
        pipeline.unlink(key)
    return sum(pipeline.execute())
