"""People's profiles, read and written as in requests, with the cache and with bare django-redis."""

import re
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache, partial
from typing import Any, Protocol, TypeVar
from uuid import UUID

import orjson
from django.conf import settings
from django.core.cache import caches
from django.db import connections, transaction

from foodshare.cache import aside, reader, writers
from foodshare.cache.keys import PROFILE, Pattern
from foodshare.cache.listener import listener
from foodshare.cache.through import write_through
from foodshare.cached import profile
from foodshare.db import lsn
from foodshare.db.router import reading_alias, reading_from
from foodshare.models import User

T = TypeVar("T")
VERSION = re.compile(rb"version (\d+)")  # as it is written in people's names, which a profile shows
READY = 30.0  # seconds
COUNTED = replace(PROFILE, load=f"{__name__}.counted")

_loads: dict[str, int] = {}
_lock = threading.Lock()


class Access(Protocol):
    """One way to read and write."""

    def serve(self, person_id: UUID | None) -> None:
        """Begin a request of this person, or of somebody unknown."""

    def read(self, id: UUID) -> bytes: ...

    def write(self, id: UUID, version: int, by: UUID) -> int:
        """Commit a version and all that who writes waits for; answers when, by `delivered`."""

    def delivered(self) -> int:
        """Up to when no change's old value is served any more in this process."""


class Ours:
    """With `through`, the writer stores what they wrote; else only the relay tells of it."""

    def __init__(self, pattern: Pattern = COUNTED, through: bool = True) -> None:
        self.pattern, self.through = pattern, through

    def serve(self, person_id: UUID | None) -> None:
        reader.nobody()
        if person_id:
            reader.person(person_id)

    def read(self, id: UUID) -> bytes:
        return aside.get(self.pattern, id)

    def write(self, id: UUID, version: int, by: UUID) -> int:
        ends: list[int] = []
        with transaction.atomic():
            update(id, version)
            transaction.on_commit(lambda: ends.append(lsn.written().lsn))
            if self.through:
                write_through(self.pattern, id)
        writers.note([by])
        return ends[0]

    def delivered(self) -> int:
        return listener().delivered


class Bare:
    """Cache-aside as it is mostly written: loaded from a standby if there is one, deleted after a change's commit."""

    def __init__(self, name: str = "default", lifetime: float = PROFILE.lifetime) -> None:
        self.cache, self.lifetime = caches[name], lifetime

    def serve(self, person_id: UUID | None) -> None:
        """Nothing is known of anybody."""

    def read(self, id: UUID) -> bytes:
        return orjson.dumps(self.cache.get_or_set(self.key(id), partial(loaded, id), self.lifetime))

    def write(self, id: UUID, version: int, by: UUID) -> int:
        update(id, version)
        self.forget(id)
        return time.monotonic_ns()

    def delivered(self) -> int:
        return time.monotonic_ns()

    def forget(self, id: UUID) -> None:
        self.cache.delete(self.key(id))

    def key(self, id: UUID) -> str:
        return f"bare:profile:{id}"


class Nothing:
    """No cache: every read loads from the primary."""

    def serve(self, person_id: UUID | None) -> None:
        """Nothing has to be known of anybody."""

    def read(self, id: UUID) -> bytes:
        return aside.loaded(COUNTED, id)

    def write(self, id: UUID, version: int, by: UUID) -> int:
        update(id, version)
        return time.monotonic_ns()

    def delivered(self) -> int:
        return time.monotonic_ns()


STYLES: dict[str, Callable[[], Access]] = {"ours": Ours, "bare": Bare}
NAMES = {"ours": "foodshare.cache", "bare": "bare django-redis"}


def update(id: UUID, version: int) -> None:
    User.objects.filter(pk=id).update(name=f"version {version}")


def counted(id: UUID | str) -> Any:
    """The profile; counted by where it is read."""
    with _lock:
        _loads[reading_alias()] = _loads.get(reading_alias(), 0) + 1
    return profile(UUID(str(id)))


def loaded(id: UUID) -> Any:
    """The profile as django-redis is given it, read from a standby if there is one."""
    with reading_from(next(iter(settings.REPLICA_ALIASES), "default")):
        made = counted(id)
    return orjson.loads(made) if isinstance(made, bytes) else made


def loads() -> dict[str, int]:
    """How many there were in this process, by the server that was read."""
    with _lock:
        return dict(_loads)


def loads_since(before: dict[str, int]) -> dict[str, int]:
    return {alias: count - before.get(alias, 0) for alias, count in loads().items()}


def version_of(value: bytes) -> int:
    found = VERSION.search(value)
    if found is None:
        raise ValueError(f"a profile without its person's name: {value!r}")
    return int(found[1])


@cache
def people() -> list[UUID]:
    """Everybody, in the same order in every process."""
    return [*User.objects.order_by("pk").values_list("pk", flat=True)]


def ready() -> None:
    """Wait until this process relies on the cache."""
    deadline = time.monotonic() + READY
    while time.monotonic() < deadline:
        reader.nobody()
        reader.person(people()[0])
        if reader.required() is not None and aside.is_usable():
            return
        time.sleep(0.01)
    raise TimeoutError("no relay of invalidations was heard")


def in_threads(count: int, work: Callable[[int], T]) -> list[T]:
    """What `work` makes of each thread's number."""
    with ThreadPoolExecutor(count) as threads:
        return [*threads.map(partial(closing_connections, work), range(count))]


def closing_connections(work: Callable[[int], T], number: int) -> T:
    try:
        return work(number)
    finally:
        connections.close_all()


def wait_until(moment: float) -> None:
    """Wait for a moment of the monotonic clock, which all processes share."""
    time.sleep(max(moment - time.monotonic(), 0.0))


def zipf(size: int, exponent: float) -> Sequence[float]:
    """Cumulative weights of ranks."""
    total, weights = 0.0, []
    for rank in range(1, size + 1):
        total += rank ** -exponent
        weights.append(total)
    return weights
