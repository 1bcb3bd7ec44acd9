"""A server that answers and takes no writes cannot be told who wrote: nobody is served from what it knew before."""

from collections.abc import Iterator

import pytest
from redis.exceptions import ResponseError

from foodshare.cache import writers
from foodshare.cache.aside import value
from foodshare.cache.server import Away, _servers, ask, try_again
from foodshare.cache.writers import required
from foodshare.models import User
from tests.cache.conftest import Cache
from tests.cache.tools import NAME, rename, serve, wrote

# Which commands a server refuses is its own affair: one is enough.
pytestmark = [pytest.mark.usefixtures("committed"), pytest.mark.parametrize("cache", ["one"], indirect=True)]


@pytest.fixture
def refusing(cache: Cache) -> Iterator[Cache]:
    yield cache
    cache.redis.config_set("min-replicas-to-write", 0)


def refuse(cache: Cache) -> None:
    cache.redis.config_set("min-replicas-to-write", 1)
    with pytest.raises(ResponseError, match="NOREPLICAS"):
        cache.redis.set("any", "thing")


def test_who_wrote_meanwhile_reads_what_they_wrote(refusing: Cache, person: User) -> None:
    assert refusing.get(NAME, person.pk) == "Ada"
    refuse(refusing)
    rename(person, "Grace")
    wrote(person)
    serve(person)
    assert required(person.pk) is None
    assert value(NAME, person.pk) == "Grace"


def test_a_server_that_was_just_found_down_is_told_who_wrote_all_the_same(cache: Cache, person: User) -> None:
    assert cache.get(NAME, person.pk) == "Ada"
    rename(person, "Grace")
    with cache.hush():
        _servers.failed(cache.valkey.url)
        with pytest.raises(Away):
            ask(lambda server: server.ping())
        writers.note([person.pk])
        try_again()
        serve(person)
        assert value(NAME, person.pk) == "Grace"


def test_a_process_that_hears_the_relay_leaves_the_server_alone_no_longer(cache: Cache) -> None:
    _servers.failed(cache.valkey.url)
    cache.deliver()
    assert ask(lambda server: server.ping())


def test_readers_leave_a_server_alone_that_was_just_found_down(cache: Cache, person: User) -> None:
    with cache.hush():
        _servers.failed(cache.valkey.url)
        assert required(person.pk) is None
        try_again()
        assert required(person.pk) is not None
