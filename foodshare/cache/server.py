"""The cache's server, as requests ask it: not for long, and hardly ever while it is away."""

from collections.abc import Callable
from functools import cache
from queue import Empty
from typing import Any, TypeVar

from django.conf import settings
from django_redis.client import DefaultClient
from django_redis.pool import ConnectionFactory, get_connection_factory
from redis import BlockingConnectionPool, Redis
from redis.cluster import RedisCluster
from redis.exceptions import (
    ClusterDownError,
    ConnectionError,
    MaxConnectionsError,
    ReadOnlyError,
    RedisClusterException,
    RedisError,
    ResponseError,
)

from foodshare.breaker import Breaker

T = TypeVar("T")
DOWN = (ClusterDownError, ReadOnlyError)  # answers of a server that can do nothing for anybody
FAILURES = (RedisError, RedisClusterException)  # whatever can go wrong, as the second is no RedisError

INSISTED = 4.0  # seconds; twice as long as a process relies on having heard the relay

_servers = Breaker(settings.CACHE_PAUSE)


class Away(RedisError):
    """The cache's server is down, full, or does not answer in time."""


class Pool(BlockingConnectionPool):
    """Connections, for one of which is waited as long as for the server; to have none is not the server's fault."""

    def __init__(self, socket_timeout: float, **options: Any) -> None:
        super().__init__(timeout=socket_timeout, socket_timeout=socket_timeout,  # type: ignore[no-untyped-call]
                         **options)

    def get_connection(self, *args: Any, **options: Any) -> Any:
        try:
            return super().get_connection(*args, **options)  # type: ignore[no-untyped-call]
        except ConnectionError as error:
            if isinstance(error.__context__, Empty):
                raise MaxConnectionsError(*error.args) from error
            raise


class Factory(ConnectionFactory[Any, Any, Any]):
    """Connections to one server: a pool for each of Django's caches, where the package's own has one for each URL, with
    the timeouts of whichever cache was used first."""

    def get_or_create_connection_pool(self, params: dict[str, Any]) -> Any:
        key = f"{params['url']} {params['socket_timeout']}"
        if key not in self._pools:
            self._pools.setdefault(key, self.get_connection_pool(params))
        return self._pools[key]


class ClusterFactory(ConnectionFactory[Any, Any, Any]):
    """Connections to a cluster, of which the URL names one node. Each node has a pool of its own."""

    def connect(self, url: str) -> Any:
        return cluster(url, tuple(sorted(self.options["CLUSTER"].items())))


class ClusterClient(DefaultClient):
    """Django's cache on a cluster, where no command reads keys of several nodes."""

    def get_many(self, keys: Any, version: int | None = None, client: Any = None) -> dict[str, Any]:
        found = {key: self.get(key, default=self, version=version, client=client) for key in keys}
        return {key: value for key, value in found.items() if value is not self}


@cache
def cluster(url: str, options: tuple[tuple[str, Any], ...]) -> RedisCluster:
    """The cluster's client, which knows where each key is: one for all threads."""
    return RedisCluster.from_url(url, connection_pool_class=Pool, **dict(options))


@cache
def client(url: str) -> "Redis":
    """A client that gives up after CACHE_PATIENCE, where that of Django's own cache waits for five seconds."""
    factory: Any = get_connection_factory(settings.CACHES["requests"]["OPTIONS"])
    connected: Redis = factory.connect(url)
    return connected


def ask(question: Callable[["Redis"], T], insist: bool = False) -> T:
    """The server's answer. Raises Away; after the first time at once, until CACHE_PAUSE is over.

    Who must `insist` tries all the same while the server was found down only INSISTED seconds ago: it may have been a
    hiccup of which other processes, that go on relying on their values, know nothing.
    """
    return heed(lambda: question(client(settings.REDIS_URL)), insist)


def try_again() -> None:
    """Take the server for up, as it was just heard of, or as whoever asks next has nobody to keep waiting."""
    _servers.answered(settings.REDIS_URL)


def heed(work: Callable[[], T], insist: bool = False) -> T:
    """What work that needs the server returns. Raises Away as `ask` does.

    A server that refuses one command, as a full one does, is not left alone: it still answers others.
    """
    url = settings.REDIS_URL
    if not _servers.may_try(url) and not (insist and _servers.down_for(url) < INSISTED):
        raise Away(f"it was found down less than {_servers.pause} s ago")
    try:
        done = work()
    except FAILURES as error:
        note(url, error)
        raise Away(f"{error}") from error
    _servers.answered(url)
    return done


def note(url: str, error: Exception) -> None:
    """Keep what an error says of the server."""
    if isinstance(error, ResponseError) and not isinstance(error, DOWN):
        _servers.answered(url)
    elif not isinstance(error, MaxConnectionsError):
        _servers.failed(url)


def runs(server: "Redis") -> list[str]:
    """What tells this run of the server, or of each of a cluster's primaries, from any other."""
    if isinstance(server, RedisCluster):
        found: Any = server.info("server", target_nodes=RedisCluster.PRIMARIES)
        return sorted(node["run_id"] for node in found.values())
    return [server.info("server")["run_id"]]
