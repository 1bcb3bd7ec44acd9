"""Who wrote or was shown something of late, and up to where in the log: such a person is served nothing older.

One sorted set, of people by the log's end after their last write, or by the last place that they were shown. Its member
"" stands for everybody: who wrote before that was forgotten. The relay moves it on, once every process has heard of the
invalidations up to there; and where it is missing, as after a restart of the server, nothing is known of anybody.
Its member "timeline" is the newest timeline that anybody wrote or read on: nobody is served from an older one.
"""

from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from uuid import UUID

from django.db import InterfaceError, OperationalError, connections, transaction

from foodshare.cache import store
from foodshare.cache.keys import WRITERS, prefixed
from foodshare.cache.server import Away, ask
from foodshare.db import lsn
from foodshare.db.lsn import EVERYTHING, LAST, Place

EVERYBODY = ""
TIMELINE = "timeline"
FIRST = 2**24  # the first place of any log; what is below it in the set is a timeline


def note(people: Iterable[UUID]) -> None:
    """Keep that these people wrote, or were written about, up to now.

    While the server is away or takes no writes nothing is served from it, and once it is back the relay first delivers
    what they changed. Where the database went away it may have written, nobody knows where, until the relay has seen it
    again.
    """
    try:
        up_to = written()
    except (OperationalError, InterfaceError):
        up_to = EVERYTHING
    with suppress(Away):
        keep_up(people, up_to)


def keep_up(people: Iterable[UUID], up_to: Place) -> None:
    """Serve these people nothing older from now on. Raises Away."""
    members = [value for person in people for value in (up_to.lsn, str(person))]
    store.record(prefixed(WRITERS), "ZADD", "GT", *members, up_to.timeline, TIMELINE, insist=True)


def written() -> Place:
    """The primary's end of the log, asked once more where the connection broke: what went before may be committed."""
    try:
        return lsn.written()
    except (OperationalError, InterfaceError):
        connections["default"].close()
        return lsn.written()


def note_on_commit(person_id: UUID) -> None:
    """Have somebody else's write about a person count for them at once, such as a suspension, from its commit on."""
    transaction.on_commit(partial(note, [person_id]))


def required(person_id: UUID) -> Place | None:
    """Up to where in the log what the person is served must be true; None where that is not known."""
    try:
        found = store.record(prefixed(WRITERS), "ZMSCORE", EVERYBODY, TIMELINE, str(person_id))
    except Away:
        return None
    everybody, timeline, own = (score and int(float(score)) for score in found)
    return None if everybody is None else Place(timeline or 0, max(everybody, own or 0))


def keep(forgotten: int) -> None:
    """Make the set, if it is missing, as of now, and forget who wrote before `forgotten`. Raises Away."""
    lost = ask(lambda server: server.zrangebyscore(prefixed(WRITERS), LAST, "+inf"))
    if lost or ask(lambda server: server.zscore(prefixed(WRITERS), EVERYBODY)) is None:
        know_all_up_to_now()
    if lost:
        ask(lambda server: server.zrem(prefixed(WRITERS), *lost))
    store.record(prefixed(WRITERS), "ZADD", "XX", "GT", forgotten, EVERYBODY)
    ask(lambda server: server.zremrangebyscore(prefixed(WRITERS), FIRST, f"({forgotten}"))


def know_all_up_to_now() -> None:
    """Let everybody count as one who has just written. Raises Away."""
    end = lsn.written()
    store.record(prefixed(WRITERS), "ZADD", "GT", end.lsn, EVERYBODY, end.timeline, TIMELINE)
