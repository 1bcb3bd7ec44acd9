"""On a cluster all works as on one server. Every other test of the cache runs on both; what is here is of clusters."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.cache import caches
from django.test import Client
from redis.crc import key_slot

from foodshare import presence
from foodshare.cache import store
from foodshare.cache.keys import PATTERNS
from foodshare.cache.server import runs
from foodshare.models import User
from groups import live
from tests.cache.conftest import Cache
from tests.cache.tools import NAME, rename, serve, wrote
from tests.factories import client_for, make_user
from tests.live.tools import Ear, living
from tests.valkeys import OwnCluster
from tests.web.tools import wait_for

pytestmark = pytest.mark.usefixtures("committed")


def nodes_of(keys: list[str]) -> set[int]:
    return {key_slot(key.encode()) * 3 // 16384 for key in keys}


def test_a_value_is_kept_told_and_dropped(clustered: Cache, person: User) -> None:
    assert clustered.get(NAME, person.pk) == "Ada"
    rename(person, "Grace")
    wrote(person)
    assert clustered.get(NAME, person.pk) == "Ada"
    serve(person)
    assert clustered.get(NAME, person.pk, anybody=False) == "Grace"
    clustered.deliver()
    assert clustered.get(NAME, person.pk) == "Grace"


def test_every_key_has_its_own_slot_by_what_is_in_braces() -> None:
    for pattern in PATTERNS.values():
        if "{}" in pattern.text:
            assert key_slot(pattern.key("an-id").encode()) == key_slot(b"an-id")


def test_keys_of_all_nodes_are_found_by_their_pattern(clustered: Cache) -> None:
    keys = [NAME.key(n) for n in range(300)]
    assert nodes_of(keys) == {0, 1, 2}
    for key in keys:
        clustered.redis.hset(key, "value", "1")
    assert store.remove(NAME.every) == 300
    assert store.remove(NAME.every) == 0


def test_keys_of_all_nodes_are_made_invalid_at_once(clustered: Cache) -> None:
    keys = [NAME.key(n) for n in range(300)]
    for key in keys:
        clustered.redis.hset(key, mapping={"value": "1", "xmin": 1})
    store.invalidate([(key, 5) for key in keys], 7)
    assert all(store.read(key) is None for key in keys)


def test_the_runs_of_all_masters_are_known(clustered: Cache) -> None:
    assert len(set(runs(clustered.redis))) == 3


def test_djangos_cache_works(clustered: Cache) -> None:
    for name in ("default", "requests"):
        cache = caches[name]
        values = {f"key{n}": n for n in range(20)}
        assert nodes_of([cache.make_key(key) for key in values]) == {0, 1, 2}
        cache.set_many(values, 60)
        assert cache.get_many([*values, "missing"]) == values
        assert (cache.get("key1"), cache.incr("key1"), cache.add("key1", 5)) == (1, 2, False)
        assert cache.get_or_set("new", 6) == 6
        cache.delete_many([*values])
        assert cache.get_many(values) == {}
        cache.clear()
        assert cache.get("new") is None


def test_presence_works(clustered: Cache) -> None:
    one, other = make_user(), make_user()
    presence.note(one.pk)
    assert set(presence.last_seen([one.pk, other.pk])) == {one.pk}


def test_requests_and_posting_rates_work(clustered: Cache, person: User, settings: Any) -> None:
    settings.POSTING_RATES = settings.POSTING_RATES | {"tickets": "2/min"}
    api = client_for(person)
    assert api.get("/api/v1/me").status_code == 200
    assert [api.post("/api/v1/live/ticket").status_code for _ in range(3)] == [201, 201, 429]


def test_health_sees_it(clustered: Cache) -> None:
    clustered.redis.set(configured.LIVE_SIGN, "1", ex=60)
    parts = Client().get("/readyz").json()["parts"]
    assert (parts["cache"]["up"], parts["live"]["up"]) == (True, True)


@pytest.mark.slow
def test_health_names_a_cluster_of_which_a_node_is_away(clustered: Cache) -> None:
    assert isinstance(clustered.valkey, OwnCluster)
    with clustered.valkey.nodes[2].paused():
        assert "cache" in Client().get("/readyz").json()["down"]


@pytest.mark.slow
def test_messages_are_told_live(clustered: Cache, person: User, tmp_path: Path) -> None:
    with living(tmp_path / "log", clustered.valkey.url, REDIS_CLUSTER="true") as process:
        ear = Ear(process.port, person)
        ear.wait("ready")
        live.publish(live.EVERYBODY, b'{"missed_since":1.5}')
        assert ear.wait("resume")
        assert presence.last_seen([person.pk])
        ear.hang_up()


@pytest.mark.slow
def test_requests_go_on_while_a_node_is_away(clustered: Cache, person: User) -> None:
    api = client_for(person)
    assert isinstance(clustered.valkey, OwnCluster)
    for node in clustered.valkey.nodes:
        with node.paused():
            for new in ("Grace", "Mary"):
                assert api.patch("/api/v1/me", {"name": new}, format="json").status_code == 200
                assert api.get("/api/v1/me").json()["name"] == new
    with clustered.relayed():
        wait_for(lambda: clustered.get(NAME, person.pk) == "Mary")
