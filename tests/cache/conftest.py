"""A Valkey of the tests' own, a relay that works when told to, and a process that hears it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings
from redis import Redis

from foodshare.cache import aside, reader, server
from foodshare.cache.invalidation import Relay
from foodshare.cache.keys import Pattern
from foodshare.cache.listener import Listener, listener, started
from tests.valkeys import OwnValkey
from tests.web.tools import wait_for


@dataclass
class Cache:
    """The cache as one process uses it."""

    valkey: OwnValkey
    relay: Relay = field(default_factory=Relay)

    @property
    def redis(self) -> "Redis":
        return server.client(self.valkey.url)

    @property
    def listener(self) -> Listener:
        return listener()

    def deliver(self) -> None:
        """Have all that was committed delivered and heard."""
        while self.relay.work():  # other tests may have left very many notes
            pass
        self.relay.time_to_tell.hasten()
        self.relay.work()
        while not (self.listener.is_trusted and self.listener.delivered >= self.relay.told):
            assert self.listener.is_alive()
            time.sleep(0.001)

    def get(self, pattern: Pattern, id: Any = "", anybody: bool = True) -> Any:
        """A value as somebody sees it who has not written."""
        if anybody:
            reader.nobody()
        return aside.value(pattern, id)


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnValkey]:
    home: Path = tmp_path_factory.mktemp("cache")
    home.chmod(0o755)
    own = OwnValkey(home)
    yield own
    own.stop()


@pytest.fixture
def cache(valkey: OwnValkey, settings: Settings) -> Iterator[Cache]:
    """An empty cache that is relied on."""
    settings.REDIS_URL = valkey.url
    found = Cache(valkey)
    found.redis.flushall()
    wait_for(lambda: found.redis.pubsub_numsub("cache_invalidation")[0][1] == 0)
    listener()
    wait_for(lambda: found.redis.pubsub_numsub("cache_invalidation")[0][1] == 1)
    found.deliver()
    yield found
    listener().stop()
    started.cache_clear()
