"""Whom the request at hand serves, as far as the cache must know: what they must not see older than."""

from functools import reduce
from uuid import UUID

from foodshare.cache import writers
from foodshare.cache.listener import listener
from foodshare.db import router
from foodshare.db.lsn import Place, look
from foodshare.db.router import primary, reading


def nobody(may_choose: bool = False) -> None:
    """Serve somebody of whom nothing is known: they know of nothing either. A standby may be chosen for who only reads
    (see foodshare.db.router)."""
    router.begin(may_choose)
    primary().has_written = False


def person(person_id: UUID) -> None:
    """Serve this person from now on. What is noted of them may lack something while no relay is heard."""
    now = reading()
    now.noted = writers.required(person_id)
    now.need = now.noted if listener().is_trusted else None


def required() -> Place | None:
    """Up to where in the log what is served must be true; None: what was just written, here or nobody knows where."""
    return None if has_written() or is_in_transaction() else reading().need


def show(up_to: Place) -> None:
    """Something is served in which that much of the log may be seen."""
    now = reading()
    now.shown = now.shown.joined(up_to)


def remember(person_id: UUID) -> None:
    """Keep up to where in the log this person was shown something by the request, so that nothing is shown to them
    later that is older, whoever serves it. Raises OperationalError where it cannot be told.

    While nobody is known to the cache's server nothing is kept: who is known there later must see all up to then.
    """
    now = reading()
    if now.noted is None:
        return
    seen = reduce(Place.joined, (look(alias).shown for alias in now.sources), now.shown)
    if not now.noted.covers(seen):
        writers.keep_up([person_id], seen)


def is_in_transaction() -> bool:
    """Whether what is read now may not be committed yet."""
    return primary().in_atomic_block


def has_written() -> bool:
    """Whether this request has written."""
    return primary().has_written
