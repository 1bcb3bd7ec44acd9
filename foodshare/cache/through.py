"""Write-through: what must be right at once is loaded and stored by whoever changed it, before they are answered."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import partial
from itertools import compress, islice
from typing import Any

from django.db import InterfaceError, OperationalError, transaction

from foodshare.cache import aside, store
from foodshare.cache.keys import Pattern
from foodshare.cache.listener import tell
from foodshare.cache.server import Away
from foodshare.exceptions import Missing

MOST_RENEWED = 20  # values after one transaction


def write_through(pattern: Pattern, id: Any = "") -> None:
    """Have the value stored as it is after this transaction's commit."""
    transaction.on_commit(partial(put, pattern, id), robust=True)


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
        if store.store(key, held, entry, pattern.lasts(entry.value)):
            tell([key])


def renew(pattern: Pattern, ids: Iterable[Any]) -> None:
    """Have those of the values that are kept now, as somebody reads them, stored as they are after this transaction's
    commit. For work that must go on whatever becomes of the cache: nothing is raised, and no more than MOST_RENEWED are
    loaded; the others become invalid as after any change."""
    transaction.on_commit(partial(put_kept, pattern, [*ids]), robust=True)


def put_kept(pattern: Pattern, ids: Sequence[Any]) -> None:
    with suppress(Away):
        are_kept = store.are_kept([pattern.key(id) for id in ids])
        for id in islice(compress(ids, are_kept), MOST_RENEWED):
            put(pattern, id)
