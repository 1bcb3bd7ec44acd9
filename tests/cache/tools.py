"""Loaders that can be stopped where a test wants them, and what the tests of the cache share."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import connections

from foodshare.cache import reader, writers
from foodshare.cache.keys import CHANGES, PATTERNS, SAME, Pattern
from foodshare.db import router
from foodshare.db.router import reading_alias
from foodshare.models import User

T = TypeVar("T")
NAME = Pattern("test_name", "test:name:{}", "tests.cache.tools.load", "foodshare")


class Loads:
    """The loads of NAME: from where each read, and whether the next one is to wait when it has read."""

    def __init__(self) -> None:
        self.sources: list[str] = []
        self.stops: list[Stop] = []
        self.errors: list[Exception] = []
        self.lock = threading.Lock()

    @contextmanager
    def stopped(self) -> Iterator["Stop"]:
        """The next load waits after reading until it is let go, at the latest at the block's end."""
        stop = Stop()
        self.stops.append(stop)
        try:
            yield stop
        finally:
            stop.go.set()

    def __len__(self) -> int:
        return len(self.sources)


class Stop:
    def __init__(self) -> None:
        self.reached, self.go = threading.Event(), threading.Event()

    def wait(self) -> None:
        """Until a load has read and stands still."""
        assert self.reached.wait(30)


loads = Loads()


def load(user_id: str) -> str | None:
    """A person's name."""
    with loads.lock:
        loads.sources.append(reading_alias())
        stop = loads.stops.pop(0) if loads.stops else None
        error = loads.errors.pop(0) if loads.errors else None
    if error is not None:
        raise error
    found = User.objects.filter(pk=user_id).values_list("name", flat=True).first()
    if stop is not None:
        stop.reached.set()
        assert stop.go.wait(60)
    return found


@contextmanager
def declared() -> Iterator[None]:
    """NAME is a pattern like others: changes of accounts make it invalid."""
    PATTERNS[NAME.name], CHANGES["account"][NAME.name] = NAME, SAME
    try:
        yield
    finally:
        del PATTERNS[NAME.name], CHANGES["account"][NAME.name]
        loads.__init__()  # type: ignore[misc]  # as new


def rename(person: User, name: str) -> None:
    """Committed at once, by somebody who is not served here."""
    User.objects.filter(pk=person.pk).update(name=name)
    router.primary().has_written = False


def serve(person: User) -> None:
    """What follows is for this person."""
    reader.nobody()
    reader.person(person.pk)


def wrote(person: User) -> None:
    """As the middleware does after a request of this person's that wrote."""
    writers.note([person.pk])


def aside(work: Callable[[], T]) -> "Future[T]":
    """Have another thread do it, as another request."""

    def run() -> T:
        reader.nobody()
        try:
            return work()
        finally:
            connections.close_all()

    with_one = ThreadPoolExecutor(1)
    future = with_one.submit(run)
    with_one.shutdown(wait=False)
    return future


def fields(cache: Any, person: User) -> dict[str, str]:
    """What the server keeps of the person's key."""
    found = cache.redis.hgetall(NAME.key(person.pk))
    return {name.decode(): value.decode() for name, value in found.items()}
