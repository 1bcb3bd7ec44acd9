"""Valkeys of the tests' own, a relay that works when told to, and a process that hears it."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, RLock, Thread
from typing import Any

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker, Settings
from redis import Redis

from foodshare.cache import aside, reader, server
from foodshare.cache.invalidation import LOOK_EVERY, TELL_EVERY, Relay
from foodshare.cache.keys import CHANNEL, Pattern, prefixed
from foodshare.cache.listener import Listener, listener, tell
from foodshare.cache.server import Away
from foodshare.db.lsn import Place
from foodshare.models import User
from foodshare.settings import caches_at
from foodshare.streams.loop import Stop, until_stopped
from tests.cache.tools import declared
from tests.factories import make_user
from tests.valkeys import OwnCluster, OwnValkey
from tests.web.tools import wait_for

# Each before those that refer to it: tests that use `committed` leave no row of theirs.
WRITTEN = ["cache_invalidations", "idempotency_keys", "outbox_events", "profiles", "relationships", "knox_authtoken",
           "user_global_reputation", "users"]


@dataclass
class Cache:
    """The cache as one process uses it."""

    valkey: OwnValkey | OwnCluster
    relay: Relay = field(default_factory=Relay)
    lock: RLock = field(default_factory=RLock)  # held by who tells

    @property
    def redis(self) -> "Redis":
        return server.client(self.valkey.url)

    @property
    def listener(self) -> Listener:
        return listener()

    def deliver(self) -> None:
        """Have all that was committed delivered and heard."""
        with self.lock:
            while self.relay.work():
                pass
            wait_until(self.is_heard)

    @contextmanager
    def assured(self) -> Iterator[None]:
        """However slow the test is, it is said again and again that all is delivered of which it was said before."""
        done = Event()
        teller = Thread(target=self.assure, args=(done,))
        teller.start()
        try:
            yield
        finally:
            done.set()
            teller.join()

    def assure(self, done: Event) -> None:
        while not done.wait(TELL_EVERY):
            with self.lock, suppress(Away):
                tell([], delivered=Place(self.relay.timeline, self.relay.told))

    def hush(self) -> AbstractContextManager[object]:
        """Nothing is said by itself while the block runs."""
        return self.lock

    def is_heard(self) -> bool:
        """Whether this process has heard of all; if not, it is told again, as it may not have listened."""
        self.relay.time_to_tell.hasten()
        self.relay.work()
        return self.listener.is_trusted and self.listener.delivered >= self.relay.told

    @property
    def is_cluster(self) -> bool:
        return isinstance(self.valkey, OwnCluster)

    @contextmanager
    def relayed(self) -> Iterator[None]:
        """The relay works by itself while the block runs."""
        stop = Stop()
        with self.hush(), ThreadPoolExecutor(1) as worker:
            running = worker.submit(self.work, stop)
            try:
                yield
            finally:
                stop.set()
            running.result()

    def work(self, stop: Stop) -> None:
        try:
            until_stopped(self.relay.work, stop, idle=LOOK_EVERY)
        finally:
            connections.close_all()

    def keep(self) -> None:
        """Have the relay remember and forget who wrote, as it does every few seconds."""
        self.relay.time_to_keep.hasten()
        self.deliver()

    def get(self, pattern: Pattern, id: Any = "", anybody: bool = True) -> Any:
        """A value as somebody sees it who has not written."""
        if anybody:
            reader.nobody()
        return aside.value(pattern, id)


def wait_until(condition: Any) -> None:
    """The same as wait_for, of what takes moments."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        assert listener().is_alive()
        time.sleep(0.002)


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnValkey]:
    own = OwnValkey(open_to_all(tmp_path_factory.mktemp("cache")))
    yield own
    own.stop()


@pytest.fixture(scope="session")
def valkeys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnCluster]:
    own = OwnCluster(open_to_all(tmp_path_factory.mktemp("caches")))
    yield own
    own.stop()


def open_to_all(home: Path) -> Path:
    home.chmod(0o755)
    return home


@pytest.fixture(params=["one", pytest.param("cluster", marks=pytest.mark.slow)])
def cache(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Cache]:
    """An empty cache that is relied on: on one server, and on a cluster."""
    is_cluster = request.param == "cluster"
    with relied_on(request.getfixturevalue("valkeys" if is_cluster else "valkey"), settings) as found:
        yield found


@pytest.fixture
def clustered(valkeys: OwnCluster, settings: Settings) -> Iterator[Cache]:
    """The same on a cluster only."""
    with relied_on(valkeys, settings) as found:
        yield found


@contextmanager
def relied_on(valkey: OwnValkey | OwnCluster, settings: Settings) -> Iterator[Cache]:
    settings.REDIS_URL, settings.REDIS_CLUSTER = valkey.url, isinstance(valkey, OwnCluster)
    settings.CACHES = caches_at(valkey.url, settings.REDIS_CLUSTER)
    settings.CACHE_CHECKED = 10**9
    if isinstance(valkey, OwnCluster):
        wait_for(valkey.is_well)
    server._servers.answered(valkey.url)  # whatever befell it in another test
    found = Cache(valkey)
    found.redis.flushall()
    listener().forget()
    wait_until(lambda: heard_by(found) == 1)
    found.deliver()
    found.keep()
    try:
        with found.assured():
            yield found
    finally:
        listener().forget()  # it goes on for the next test


def heard_by(cache: Cache) -> int:
    """How many listeners the server knows; of a cluster, its nodes together."""
    nodes = cache.valkey.nodes if isinstance(cache.valkey, OwnCluster) else [cache.valkey]
    heard = 0
    for node in nodes:
        with node.client() as asked:
            heard += asked.pubsub_numsub(prefixed(CHANNEL))[0][1]
    return heard


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The test database without a transaction around the test, which leaves no row: to flush every table takes longer
    than most tests of the cache."""
    with django_db_blocker.unblock():
        yield
        with connections["owner"].cursor() as cursor:
            for table in WRITTEN:
                cursor.execute(f"DELETE FROM {table}")
        connections.close_all()


@pytest.fixture
def person(committed: None) -> Iterator[User]:
    """Somebody whose name is cached."""
    with declared():
        yield make_user(name="Ada")
