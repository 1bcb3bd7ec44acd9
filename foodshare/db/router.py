"""Which database a query goes to.

A standby is read only while a reading request of the API is served, which is one for the whole request: everything
whose result may feed a write reads the primary. So do commands, jobs, the admin, requests that write, and who has
written.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connections
from django.db.models import Model

from foodshare.db import standbys
from foodshare.db.backend.base import DatabaseWrapper
from foodshare.db.lsn import START, Place, look
from foodshare.db.pools import gives_up
from foodshare.exceptions import NoStandby

PRIMARY = standbys.PRIMARY


@dataclass
class Reading:
    """A request, as far as what it reads depends on it."""

    may_choose: bool = False  # it reads only: a standby may serve it
    need: Place | None = START  # what it reads must not be older; None: nobody knows
    noted: Place | None = None  # the same as noted for its person, though it may not be relied on
    shown: Place = START  # up to where the log was shown by what came out of the cache
    source: str | None = None  # the server that was chosen for it
    sources: set[str] = field(default_factory=set)  # those that it reads


_source: ContextVar[str | None] = ContextVar("source", default=None)
_reading: ContextVar[Reading | None] = ContextVar("reading", default=None)


class ReplicaRouter:
    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        return reading_alias()

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        return PRIMARY

    def allow_relation(self, *_: Model, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db not in settings.REPLICA_ALIASES


def reading() -> Reading:
    """What is known of the request at hand."""
    return _reading.get() or begin()


def begin(may_choose: bool = False) -> Reading:
    """Begin with another request."""
    begun = Reading(may_choose)
    gives_up.set(standbys.is_primary_away if may_choose and settings.READ_FROM_REPLICAS else None)
    _reading.set(begun)
    return begun


def reading_alias() -> str:
    """The server that whatever reads now is to read: Django's querysets do so by themselves, other SQL must ask."""
    now = reading()
    alias = _source.get() or (chosen_for(now) if may_choose() else PRIMARY)
    now.sources.add(alias)
    return alias


def chosen_for(request: Reading) -> str:
    """The server that serves a request's reads, which is chosen at the first."""
    if request.source is None:
        request.source = standbys.source_for(request.need and request.need.joined(request.shown))
        standbys.count(f"reads: {request.source}")
    return request.source


def may_choose() -> bool:
    """Whether what is read now may come from a standby."""
    return (settings.READ_FROM_REPLICAS and reading().may_choose and not primary().in_atomic_block
            and not primary().has_written)


def primary() -> DatabaseWrapper:
    wrapper = connections[PRIMARY]
    assert isinstance(wrapper, DatabaseWrapper)  # noqa: S101 - tells mypy what settings.DATABASES says
    return wrapper


def authority() -> str:
    """Whoever knows best: the primary, or while that is away, for who only reads, the standby that received most."""
    return standbys.authority() if may_choose() else PRIMARY


@contextmanager
def reading_from(alias: str) -> Iterator[None]:
    """Have all reads of the block go to `alias`, whatever they read."""
    token = _source.set(alias)
    try:
        yield
    finally:
        _source.reset(token)


@contextmanager
def primary_only() -> Iterator[None]:
    """Have all reads of the block, or of the function that this decorates, go to the primary."""
    with reading_from(PRIMARY):
        yield


@contextmanager
def replica_only() -> Iterator[None]:
    """The same with a standby that shows all that the reader knows of, and has written. Raises NoStandby where there
    is none, as in a transaction, of which only the primary knows."""
    need = None if primary().in_atomic_block else reading().need
    if need and primary().has_written:
        need = need.joined(look(PRIMARY).place)
    alias = standbys.source_for(need) if settings.READ_FROM_REPLICAS else PRIMARY
    if alias == PRIMARY:
        raise NoStandby
    with reading_from(alias):
        yield
