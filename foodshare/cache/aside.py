"""Cache-aside: a value from this process, else from Valkey, else from the database, which then is kept in both."""

import math
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Literal

import orjson
from django.conf import settings
from django.db.utils import InterfaceError, OperationalError

from foodshare.cache import reader, sampling, store
from foodshare.cache.flights import Flights
from foodshare.cache.keys import Pattern
from foodshare.cache.listener import listener
from foodshare.cache.local import local
from foodshare.cache.server import Away
from foodshare.cache.statistics import count
from foodshare.cache.store import Entry, Lease
from foodshare.db import standbys
from foodshare.db.lsn import START, Place, Position, look, position
from foodshare.db.router import authority, reading_alias, reading_from

EAGERNESS = 1.0  # how early a value is loaded anew, in times of what it took to load (the beta of XFetch)
JITTER = 0.1  # the share of a lifetime that is left to chance
PATIENCE = 1.0  # seconds to wait for a value that another process loads, before loading it as well
FIRST_LOOK, LONGEST_LOOK = 0.004, 0.05  # seconds between two looks for it

_flights: Flights[Any] = Flights()


@dataclass
class Want:
    """A value that is asked for, by whom the log up to `required` is known to.

    `delivered`, and then `ticket`, which is the local tier's, were taken before either tier was looked at: an
    invalidation that is heard of while a value is on its way says nothing of that value. `own` is what was loaded by
    who asks, and after they asked, though its place in the log may be a byte too low to tell (foodshare.db.lsn).
    """

    pattern: Pattern
    id: Any
    key: str
    required: Place
    delivered: Place
    ticket: int
    own: Entry | None = None

    def is_met_by(self, entry: Entry | None) -> bool:
        """Whether the value was read since, or not made invalid by anything up to there."""
        return entry is not None and (entry is self.own or entry.place.covers(self.required)
                                      or self.delivered.covers(self.required))


def is_usable() -> bool:
    """Whether values may be used now, and kept: what is invalid is heard of, and only committed rows are read."""
    return not reader.is_in_transaction() and listener().is_trusted


def get(pattern: Pattern, id: Any = "", again: bool = False) -> bytes:
    """The value as JSON, for whom the request at hand serves; asked for `again` it is not counted twice. Raises what
    loading it raises."""
    found = usable(pattern, id, again)
    if found is None:
        return unkept(pattern, id)
    reader.show(found.up_to)
    return found.value


def usable(pattern: Pattern, id: Any, again: bool) -> Entry | None:
    """A value of either tier, or a new one, that may be served; None where none may be."""
    required = reader.required()
    if required is None or not (pattern.is_kept and is_usable()):
        return None
    key = pattern.key(id)
    want = Want(pattern, id, key, required, listener().place, local.ticket(key))
    found = local.get(key)
    if found is not None and want.is_met_by(found) and found.fresh_until > time.time():
        return found if again else hit(want, "local", found)
    try:
        found = look_up(want)
    except Away:
        return None
    return found if want.is_met_by(found) else None


def value(pattern: Pattern, id: Any = "", again: bool = False) -> Any:
    """The value. Raises what loading it raises."""
    return orjson.loads(get(pattern, id, again))


def warm(pattern: Pattern, id: Any = "") -> bool:
    """Load and store a value for others to read; tells whether it was stored. Not within a transaction, nor while
    somebody else loads it. Raises Away, and what loading raises."""
    want = Want(pattern=pattern, id=id, key=pattern.key(id), required=START, delivered=START, ticket=0)
    held = None if reader.is_in_transaction() else store.lease(want.key, seen=store.read(want.key))
    if held is None:
        return False
    with leased(want.key, held):
        entry = load_from_standby(want, held.lsn) or load(pattern, id)
    return store.store(want.key, held, entry, pattern.lasts(entry.value))


def look_up(want: Want) -> Entry:
    """The value from Valkey, or a new one. Raises Away.

    Threads share questions, and loads, that began after the last invalidation that any of them has heard of.
    """
    found: Entry | None = _flights.share((want.key, want.ticket, "read"), lambda: store.read(want.key), anew=False)
    if found is None or not want.is_met_by(found):
        count(want.pattern.name, "miss")
        shared: Entry = _flights.share((want.key, want.ticket, "load"), lambda: kept(want, wait_or_load(want, found)),
                                       anew=False)
        return shared
    hit(want, "valkey", found)
    return kept(want, (renewed(want, found) if is_due(found) else None) or found)


def hit(want: Want, tier: Literal["local", "valkey"], entry: Entry) -> Entry:
    """The same, counted, and now and then compared with the database."""
    count(want.pattern.name, tier)
    sampling.offer(want.pattern, want.id, entry)
    return entry


def kept(want: Want, entry: Entry) -> Entry:
    """The same, kept in this process too."""
    local.put(want.key, entry, want.ticket, chance(want.pattern.local))
    return entry


def is_due(entry: Entry) -> bool:
    """Whether this reader is to load the value anew: the longer it takes, the earlier, at random (XFetch), so that a
    value that is read often never runs out."""
    early = entry.cost * EAGERNESS * -math.log(1.0 - random.random())  # noqa: S311 - chance, not a secret
    return time.time() + early >= entry.fresh_until


def renewed(want: Want, found: Entry) -> Entry | None:
    """The value loaded anew; None while somebody else loads it, or a server is away: there still is the old one."""
    try:
        held = store.lease(want.key, found)
        return load_and_store(want, held) if held else None
    except (Away, OperationalError, InterfaceError):
        return None


def wait_or_load(want: Want, found: Entry | None) -> Entry:
    """A value by whoever has the lease: this process, or another whose value is waited for; `found` is too old."""
    deadline, pause = time.monotonic() + PATIENCE, FIRST_LOOK
    while time.monotonic() < deadline:
        if held := store.lease(want.key, found):
            return load_and_store(want, held)
        time.sleep(chance(pause))
        pause = min(2 * pause, LONGEST_LOOK)
        found = store.read(want.key)
        if found is not None and want.is_met_by(found):
            count(want.pattern.name, "shared")
            return found
    want.own = load(want.pattern, want.id)
    return want.own


def load_and_store(want: Want, held: Lease) -> Entry:
    """Load a value under a lease, from a standby if one has what it must have, and keep it if it may be kept."""
    with leased(want.key, held):
        entry = want.own = load_from_standby(want, held.lsn) or load(want.pattern, want.id)
    with suppress(Away):
        store.store(want.key, held, entry, want.pattern.lasts(entry.value))
    return entry


@contextmanager
def leased(key: str, held: Lease) -> Iterator[None]:
    """Load in this block; where that fails, somebody else may at once."""
    try:
        yield
    except BaseException:
        with suppress(Away):
            store.release(key, held)
        raise


def load_from_standby(want: Want, lsn: int | None) -> Entry | None:
    """The value from a standby that has replayed what this reader and the key's last invalidation need; None if there
    is none such, or nothing is known of the key."""
    if lsn is None or not settings.READ_FROM_REPLICAS:
        return None
    need = want.required.joined(Place(0, lsn))
    alias = standbys.find(need)
    try:
        seen = position(alias) if alias else None
        return load_at(want.pattern, want.id, alias, seen) if alias and seen and seen.place.covers(need) else None
    except (OperationalError, InterfaceError):
        return None


def load(pattern: Pattern, id: Any) -> Entry:
    """The value from the primary, or who stands in for it."""
    alias = authority()
    return load_at(pattern, id, alias, position(alias))


def load_at(pattern: Pattern, id: Any, alias: str, seen: Position) -> Entry:
    """The value from a server that shows at least what was `seen`, and not more than it has when all was read."""
    start = time.monotonic()
    with reading_from(alias):
        text = loaded(pattern, id)
    up_to = look(alias).shown
    return Entry(text, seen.lsn, seen.xmin, time.time() + chance(pattern.lasts(text)), time.monotonic() - start,
                 up_to.timeline, up_to.lsn)


def loaded(pattern: Pattern, id: Any) -> bytes:
    count(pattern.name, "load")
    return pattern.made(id)


def unkept(pattern: Pattern, id: Any) -> bytes:
    """The value as the server has it now that is read by the request at hand, when none may be used or kept. Threads
    share a load that began after each of them asked; inside a transaction nobody shares."""
    count(pattern.name, "bypass")
    alias = reading_alias()
    with reading_from(alias):
        if reader.is_in_transaction():
            return loaded(pattern, id)
        now: bytes = _flights.share(("now", alias, pattern.key(id)), lambda: loaded(pattern, id), anew=True)
        return now


def chance(seconds: float) -> float:
    """About so many seconds, never more."""
    return seconds * (1.0 - JITTER * random.random())  # noqa: S311 - chance, not a secret
