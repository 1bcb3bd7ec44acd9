"""The cache's server, as requests ask it: not for long, and hardly ever while it is away."""

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from django.conf import settings
from django_redis.pool import ConnectionFactory, get_connection_factory
from redis import Redis
from redis.cluster import RedisCluster
from redis.exceptions import OutOfMemoryError, RedisError

from foodshare.breaker import Breaker

T = TypeVar("T")

_servers = Breaker(settings.CACHE_PAUSE)


class Away(RedisError):
    """The cache's server is down, full, or does not answer in time."""


class ClusterFactory(ConnectionFactory[Any, Any, Any]):
    """Connections to a cluster, of which the URL names one node. Each node has a pool of its own."""

    def connect(self, url: str) -> Any:
        return cluster(url, tuple(sorted(self.options["CLUSTER"].items())))


@cache
def cluster(url: str, options: tuple[tuple[str, Any], ...]) -> RedisCluster:
    """The cluster's client, which knows where each key is: one for all threads."""
    return RedisCluster.from_url(url, **dict(options))


@cache
def client(url: str) -> "Redis":
    """A client that gives up after CACHE_PATIENCE, where that of Django's own cache waits for five seconds."""
    factory: Any = get_connection_factory(settings.CACHES["requests"]["OPTIONS"])
    connected: Redis = factory.connect(url)
    return connected


def ask(question: Callable[["Redis"], T]) -> T:
    """The server's answer. Raises Away; after the first time at once, until CACHE_PAUSE is over.

    A full server is not left alone: it still answers what stores nothing.
    """
    url = settings.REDIS_URL
    if not _servers.may_try(url):
        raise Away(f"it was found down less than {_servers.pause} s ago")
    try:
        answer = question(client(url))
    except OutOfMemoryError as error:
        _servers.answered(url)
        raise Away("it is full") from error
    except RedisError as error:
        _servers.failed(url)
        raise Away(f"{error}") from error
    _servers.answered(url)
    return answer
