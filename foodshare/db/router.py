"""Which database a query goes to."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.db import connections
from django.db.models import Model
from django.db.utils import InterfaceError, OperationalError

from foodshare.breaker import Breaker

RETRY_AFTER = 5.0  # seconds a standby found down is left alone, by each process

_source: ContextVar[str | None] = ContextVar("source", default=None)
_turns = itertools.count()
_standbys = Breaker(RETRY_AFTER)


class ReplicaRouter:
    """Reads of models with `read_from_replica = True` go to a live standby, all else to the primary.

    Within a transaction on the primary everything is read there: what it wrote is nowhere else yet.
    """

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        if chosen := _source.get():
            return chosen
        if not getattr(model, "read_from_replica", False) or not settings.READ_FROM_REPLICAS:
            return "default"
        if connections["default"].in_atomic_block:
            return "default"
        return live_standby() or "default"

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        return "default"

    def allow_relation(self, *_: Model, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db not in settings.REPLICA_ALIASES


@contextmanager
def reading_from(alias: str) -> Iterator[None]:
    """Have all reads of the block go to `alias`, whatever they read."""
    token = _source.set(alias)
    try:
        yield
    finally:
        _source.reset(token)


def reading_alias() -> str:
    """Where SQL that is not a queryset's reads: what `reading_from` says, else the primary."""
    return _source.get() or "default"


def live_standby() -> str | None:
    """A standby that answers: the one this thread is connected to, else each in turn; None when all are down."""
    aliases = settings.REPLICA_ALIASES
    first = next(_turns)
    in_turn = [aliases[(first + n) % len(aliases)] for n in range(len(aliases))]
    in_turn.sort(key=lambda alias: connections[alias].connection is None)
    return next((alias for alias in in_turn if answers(alias)), None)


def answers(alias: str) -> bool:
    """Whether a live connection to `alias` is at hand, for this thread to use.

    Taking it from the pool is what tells, and costs nothing extra: the query that follows uses it.
    """
    if not _standbys.may_try(alias):
        return False
    connection = connections[alias]
    if connection.errors_occurred and not connection.is_usable():
        connection.close()
    try:
        connection.ensure_connection()
    except (OperationalError, InterfaceError):
        _standbys.failed(alias)
        return False
    _standbys.answered(alias)
    return True
