"""Which database a query goes to."""

import itertools
import threading
import time
from typing import Any

from django.conf import settings
from django.db import connections
from django.db.models import Model
from django.db.utils import InterfaceError, OperationalError

RETRY_AFTER = 5.0  # seconds a standby found down is left alone, by each process

_turns = itertools.count()
_down_until: dict[str, float] = {}
_down = threading.Lock()


class ReplicaRouter:
    """Reads of models with `read_from_replica = True` go to a live standby, all else to the primary.

    Within a transaction on the primary everything is read there: what it wrote is nowhere else yet.
    """

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
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


def live_standby() -> str | None:
    """A standby that answers: the one this thread is connected to, else each in turn; None when all are down."""
    aliases = settings.REPLICA_ALIASES
    first = next(_turns)
    in_turn = [aliases[(first + n) % len(aliases)] for n in range(len(aliases))]
    in_turn.sort(key=lambda alias: connections[alias].connection is None)
    return next((alias for alias in in_turn if answers(alias)), None)


def answers(alias: str) -> bool:
    """Whether a live connection to `alias` is at hand, for this thread to use.

    Taking it from the pool is what tells, and costs nothing extra: the query that follows uses it. A standby
    found down is passed over for RETRY_AFTER seconds; then one thread tries while the others pass on.
    """
    if not may_try(alias):
        return False
    connection = connections[alias]
    if connection.errors_occurred and not connection.is_usable():
        connection.close()
    try:
        connection.ensure_connection()
    except (OperationalError, InterfaceError):
        _down_until[alias] = time.monotonic() + RETRY_AFTER
        return False
    _down_until.pop(alias, None)
    return True


def may_try(alias: str) -> bool:
    with _down:
        now = time.monotonic()
        if now < _down_until.get(alias, 0.0):
            return False
        if alias in _down_until:
            _down_until[alias] = now + RETRY_AFTER
        return True
