"""Whatever becomes of the cache's server, requests are answered from the database, and it comes back by itself."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import connections
from knox.crypto import hash_token
from pytest_django import Settings
from redis.exceptions import MaxConnectionsError, RedisError, ResponseError

from foodshare.breaker import Breaker
from foodshare.cache import aside as cache_aside
from foodshare.cache import server, statistics
from foodshare.cache.aside import is_usable
from foodshare.cache.keys import TOKEN
from foodshare.cache.local import local
from foodshare.cache.server import Away, ask
from foodshare.models import User
from tests.cache.conftest import Cache, relied_on, wait_until
from tests.cache.tools import NAME, aside, fields, loads, rename, serve, wrote
from tests.databases import run
from tests.factories import client_for, token_for
from tests.valkeys import OwnValkey
from tests.web.tools import running, wait_for

pytestmark = pytest.mark.usefixtures("committed")

WRITES = 2


@pytest.fixture
def single(valkey: OwnValkey, settings: Settings) -> Iterator[Cache]:
    """A server that may be killed."""
    with relied_on(valkey, settings) as found:
        yield found
        valkey.start()


@contextmanager
def killed(valkey: OwnValkey) -> Iterator[None]:
    valkey.kill()
    try:
        yield
    finally:
        valkey.start()


WAYS: list[Callable[[OwnValkey], AbstractContextManager[None]]] = [killed, OwnValkey.paused, OwnValkey.full]


def own(cache: Cache) -> OwnValkey:
    assert isinstance(cache.valkey, OwnValkey)
    return cache.valkey


@pytest.mark.parametrize("broken", WAYS)
def test_requests_go_on_from_the_database(single: Cache, person: User,
                                          broken: Callable[[OwnValkey], AbstractContextManager[None]]) -> None:
    api = client_for(person)
    assert api.get("/api/v1/me").status_code == 200
    with broken(own(single)):
        for new in ("Grace", "Mary"):
            assert api.patch("/api/v1/me", {"name": new}, format="json").status_code == 200
            assert api.get("/api/v1/me").json()["name"] == new
            assert single.get(NAME, person.pk) is not None
        serve(person)
        assert single.get(NAME, person.pk, anybody=False) == "Mary"


@pytest.mark.parametrize("broken", WAYS)
def test_threads_still_share_loads(single: Cache, person: User,
                                   broken: Callable[[OwnValkey], AbstractContextManager[None]]) -> None:
    with broken(own(single)), loads.stopped() as stop:
        first = aside(lambda: single.get(NAME, person.pk))
        stop.wait()
        others = [aside(lambda: single.get(NAME, person.pk)) for _ in range(20)]
        key = ("now", "default", NAME.key(person.pk))
        wait_for(lambda: key in waiting())
        stop.go.set()
        assert {each.result() for each in (first, *others)} == {"Ada"}
    assert len(loads) < 10


def waiting() -> Any:
    return cache_aside._flights.waiting


def test_a_server_that_does_not_answer_is_asked_once(single: Cache, person: User) -> None:
    """Once a CACHE_PAUSE, by whatever part of a request: it answers all that it was asked when it goes on. Only that
    somebody wrote it is told with each write of the first seconds: processes may still rely on what it had."""
    api = client_for(person)
    api.patch("/api/v1/me", {"name": "Ada"}, format="json")
    with single.hush():
        single.redis.config_resetstat()
        begin = time.monotonic()
        with own(single).paused():
            for _ in range(5):
                assert api.get("/api/v1/me").status_code == 200
            for _ in range(WRITES):
                assert api.patch("/api/v1/me", {"name": "Grace"}, format="json").status_code == 200
        pauses = (time.monotonic() - begin) / configured.CACHE_PAUSE
        server._servers.answered(single.valkey.url)
        assert questions(single.redis.info("commandstats")) <= 1 + pauses + WRITES


def questions(statistics: dict[str, Any]) -> int:
    """How many of the commands are such as requests ask; those of scripts are counted as the script."""
    names = ("zmscore", "get", "set", "evalsha")
    return sum(statistics.get(f"cmdstat_{name}", {"calls": 0})["calls"] for name in names)


def test_one_thread_tries_again_after_the_pause() -> None:
    breaker = Breaker(60.0)
    breaker.failed("server")
    assert not breaker.may_try("server")
    breaker.down_until["server"] = time.monotonic()  # the pause is over
    assert [breaker.may_try("server") for _ in range(3)] == [True, False, False]
    breaker.answered("server")
    assert breaker.may_try("server")


def test_patience_reaches_the_sockets(single: Cache) -> None:
    pool: Any = single.redis.connection_pool
    connection = pool.get_connection()
    assert connection._sock.gettimeout() == configured.CACHE_PATIENCE
    assert connection.socket_connect_timeout == configured.CACHE_PATIENCE
    assert connection.retry.get_retries() == 0
    pool.release(connection)
    assert (pool.max_connections, pool.timeout) == (20, configured.CACHE_PATIENCE)
    assert server._servers.pause == configured.CACHE_PAUSE


@pytest.mark.parametrize(("error", "is_left_alone"), [
    (RedisError("gone"), True), (MaxConnectionsError("all in use here"), False), (ResponseError("WRONGTYPE"), False)])
def test_only_a_server_that_is_down_is_left_alone(single: Cache, error: Exception, is_left_alone: bool) -> None:
    def fail(_: object) -> None:
        raise error

    with pytest.raises(Away):
        ask(fail)
    assert server._servers.may_try(single.valkey.url) is not is_left_alone


def test_who_uses_up_the_pool_waits_and_does_not_blame_the_server(single: Cache) -> None:
    pool: Any = single.redis.connection_pool
    free = 20 - len([each for each in pool._connections if each not in pool.pool.queue])
    taken = [pool.get_connection() for _ in range(free)]
    with pytest.raises(Away):
        ask(lambda server: server.ping())
    for each in taken:
        pool.release(each)
    assert ask(lambda server: server.ping())


def test_on_a_full_server_who_wrote_is_noted_and_invalidations_are_delivered(single: Cache, person: User) -> None:
    assert single.get(NAME, person.pk) == "Ada"
    with own(single).full():
        rename(person, "Grace")
        wrote(person)
        serve(person)
        assert single.get(NAME, person.pk, anybody=False) == "Grace"
        assert single.get(NAME, person.pk) == "Ada"
        single.deliver()
        assert "value" not in fields(single, person)
        assert single.get(NAME, person.pk) == "Grace"
        assert "value" not in fields(single, person)
        single.keep()
    assert single.get(NAME, person.pk) == "Grace"
    assert fields(single, person)["value"] == '"Grace"'


def test_what_was_counted_meanwhile_is_kept(single: Cache, person: User) -> None:
    statistics.send()
    before = statistics.totals().get("token", Counter())["bypass"]
    with own(single).full():
        for _ in range(3):
            statistics.count("token", "bypass")
        statistics.send()
    statistics.send()
    assert statistics.totals()["token"]["bypass"] >= before + 3


@pytest.mark.parametrize("cut", [
    lambda cache: cache.redis.client_kill_filter(_type="pubsub"),
    lambda cache: [each.mark_for_reconnect() for each in cache.redis.connection_pool._connections]])
def test_the_tier_in_the_process_is_dropped_when_the_line_is_lost(single: Cache, person: User,
                                                                  cut: Callable[[Cache], object]) -> None:
    """Also where the client made the connection anew by itself."""
    single.get(NAME, person.pk)
    assert local.get(NAME.key(person.pk)) is not None
    with single.hush():
        cut(single)
        wait_until(lambda: not single.listener.is_trusted)
    assert local.get(NAME.key(person.pk)) is None
    single.deliver()
    assert single.listener.is_trusted


def test_a_message_that_is_none_of_ours_is_survived(single: Cache) -> None:
    with single.hush():
        for text in ("", "{}", "[]", "nonsense", '{"keys": 1, "everything": false, "delivered": null}'):
            single.redis.publish("cache_invalidation", text)
        wait_until(lambda: not single.listener.is_trusted)
    single.deliver()
    assert single.listener.is_trusted


@pytest.mark.slow
@pytest.mark.parametrize("broken", WAYS)
def test_the_cache_comes_back_by_itself(single: Cache, person: User,
                                        broken: Callable[[OwnValkey], AbstractContextManager[None]]) -> None:
    single.get(NAME, person.pk)
    with single.relayed():
        with broken(own(single)):
            time.sleep(3)  # longer than anything is relied on
            rename(person, "Grace")
            wrote(person)
            assert single.get(NAME, person.pk) in ("Ada", "Grace")
        wait_for(is_usable)
        wait_for(lambda: single.get(NAME, person.pk) == "Grace" and fields(single, person).get("value") == '"Grace"')
        made = len(loads)
        local.clear()
        assert single.get(NAME, person.pk) == "Grace"
        assert len(loads) == made


@pytest.mark.slow
def test_the_relays_process_comes_back_from_a_pause_and_from_being_killed(single: Cache, person: User,
                                                                         tmp_path: Path) -> None:
    digest, variables = hash_token(token_for(person)), {"REDIS_URL": single.valkey.url}

    def name() -> str:
        found: str = single.get(TOKEN, digest)["user"]["name"]
        return found

    def is_kept(name: str) -> bool:
        return name.encode() in (single.redis.hget(TOKEN.key(digest), "value") or b"")

    with single.hush(), running("relay_invalidations", log=tmp_path / "first", **variables) as relay:
        wait_for(is_usable)
        wait_for(lambda: name() == "Ada" and is_kept("Ada"))
        os.kill(relay.pid, signal.SIGSTOP)
        wait_for(lambda: not is_usable())
        rename(person, "Grace")
        assert name() == "Grace"  # from the database
        assert is_kept("Ada")
        os.kill(relay.pid, signal.SIGCONT)
        wait_for(lambda: is_usable() and name() == "Grace" and is_kept("Grace"))
        relay.kill()
        relay.wait()
        wait_for(lambda: not is_usable())
        rename(person, "Mary")
        assert name() == "Mary"
    with single.hush(), running("relay_invalidations", log=tmp_path / "second", **variables):
        wait_for(lambda: is_usable() and name() == "Mary" and is_kept("Mary"))


def test_where_the_database_is_away_who_wrote_is_told_so_as_ever(single: Cache, person: User) -> None:
    """Noting how far they wrote does not make another error of it; a connection that only broke is made anew."""
    api = client_for(person)
    assert api.get("/api/v1/me").status_code == 200
    single.deliver()  # so that the token need not be looked up
    run("SELECT pg_terminate_backend(%s)", connections["default"].connection.info.backend_pid)
    assert api.patch("/api/v1/me", {"name": "Grace"}, format="json").status_code == 503
    assert single.redis.zscore("cache:{writers}", str(person.pk)) is not None
    single.deliver()
    assert api.get("/api/v1/me").status_code == 200  # so that the token need not be looked up
    with unreachable("default"):
        assert api.patch("/api/v1/me", {"name": "Grace"}, format="json").status_code == 503


@contextmanager
def unreachable(alias: str) -> Iterator[None]:
    config = connections[alias].settings_dict
    before = config["PORT"]
    connections[alias].close()
    config["PORT"] = "1"
    try:
        yield
    finally:
        connections[alias].close()
        config["PORT"] = before
