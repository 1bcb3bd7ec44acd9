"""The tier in this process: bounded, and forgetful of whatever is told to be invalid."""

import sys
import threading
import time
from collections.abc import Iterable

from cachetools import TLRUCache
from django.conf import settings

from foodshare.cache.store import Entry

STRIPES = 1024  # of keys, whose invalidations are counted together


class Local:
    """Values by key, each for some seconds, the least recently used forgotten first; for all threads.

    A value read from Valkey may be made invalid before it is put here, and nobody tells again. So whoever reads one
    takes a ticket first, and it is put here only if nothing of its stripe was made invalid since.
    """

    def __init__(self, most: int) -> None:
        """`most`: bytes, as near as can be told."""
        self.values: TLRUCache[str, tuple[Entry, float]] = TLRUCache(
            most, ttu=lambda key, value, now: now + value[1], timer=time.monotonic,
            getsizeof=lambda value: sys.getsizeof(value[0].value) + 400)
        self.tickets = [0] * STRIPES
        self.lock = threading.Lock()

    def get(self, key: str) -> Entry | None:
        with self.lock:
            found = self.values.get(key)
        return found and found[0]

    def ticket(self, key: str) -> int:
        return self.tickets[hash(key) % STRIPES]

    def put(self, key: str, entry: Entry, ticket: int, seconds: float) -> None:
        """Keep a value for some seconds, unless the key may have become invalid since the ticket was taken."""
        with self.lock:
            too_large = self.values.getsizeof((entry, seconds)) > self.values.maxsize
            if self.ticket(key) == ticket and not too_large:
                self.values[key] = (entry, seconds)

    def drop(self, keys: Iterable[str]) -> None:
        with self.lock:
            for key in keys:
                self.tickets[hash(key) % STRIPES] += 1
                self.values.pop(key, None)

    def clear(self) -> None:
        with self.lock:
            self.tickets = [count + 1 for count in self.tickets]
            self.values.clear()


local = Local(settings.CACHE_LOCAL_BYTES)
