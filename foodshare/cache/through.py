"""Write-through: what must be right at once is loaded and stored by whoever changed it, before they are answered."""

from contextlib import suppress
from functools import partial
from typing import Any

from django.db import InterfaceError, OperationalError, transaction

from foodshare.cache import aside, store
from foodshare.cache.keys import Pattern
from foodshare.cache.listener import tell
from foodshare.cache.server import Away
from foodshare.exceptions import Missing


def write_through(pattern: Pattern, id: Any = "") -> None:
    """Have the value stored as it is after this transaction's commit."""
    transaction.on_commit(partial(put, pattern, id))


def put(pattern: Pattern, id: Any = "") -> None:
    """Store the primary's value, and let nobody store what was loaded before.

    A server may be away, or the value gone: the relay then makes the key invalid as after any change.
    """
    key = pattern.key(id)
    with suppress(Away, Missing, OperationalError, InterfaceError):
        held = store.lease(key, take=True)
        assert held is not None  # noqa: S101 - it was taken
        with aside.leased(key, held):
            entry = aside.load(pattern, id)
        if store.store(key, held, entry, pattern.lifetime):
            tell([key])
