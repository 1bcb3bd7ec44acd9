"""A cluster on this machine: its doors, a switchover, and coming back after everything was killed."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import psycopg
import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, RedisError
from redis.retry import Retry

from ops.cluster import patroni
from ops.cluster.local import Cluster
from ops.cluster.rest import NoAnswer, ask
from ops.cluster.state import save
from ops.cluster.topology import VALKEYS, Proxy
from ops.cluster.valkeys import connected

pytestmark = pytest.mark.slow


def until(condition: Callable[[], bool], seconds: float = 60.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def write(cluster: Cluster, text: str) -> None:
    """Commit a row where the application would."""
    with psycopg.connect(cluster.environment()["DATABASE_OWNER_URL"], connect_timeout=5) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS written (what text)")
        connection.execute("INSERT INTO written VALUES (%s)", [text])


def written(url: str) -> list[str]:
    with psycopg.connect(url, connect_timeout=5) as connection:
        return [text for (text,) in connection.execute("SELECT what FROM written ORDER BY what").fetchall()]


def shows(url: str, texts: list[str]) -> bool:
    return set(texts) <= set(written(url))


def test_no_door_opens_without_a_password(cluster: Cluster) -> None:
    [first, *_] = cluster.nodes
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(host=first.address, port=first.ports["postgres"], user="postgres", dbname="postgres")
    with pytest.raises(NoAnswer) as refusal:
        ask("POST", f"{patroni.url(first)}/switchover", {"leader": cluster.leader()})
    assert refusal.value.status == 401
    with pytest.raises(NoAnswer, match="user name is empty"):
        ask("POST", f"http://{first.at('etcd')}/v3/kv/put", {"key": "YQ==", "value": "YQ=="})
    for part in (*VALKEYS, "sentinel"):
        with pytest.raises(AuthenticationError):
            Redis(host=first.address, port=first.ports[part], retry=Retry(NoBackoff(), 0)).get("x")


def test_a_switchover_leads_writes_to_another_and_loses_none(cluster: Cluster) -> None:
    former = cluster.leader()
    write(cluster, "before the switchover")
    assert cluster.switch_over() == cluster.leader() != former
    assert until(lambda: written(cluster.environment()["DATABASE_URL"]) != [])
    write(cluster, "behind the switchover")
    for url in cluster.environment()["REPLICA_URL"].split(","):
        assert until(partial(shows, url, ["before the switchover", "behind the switchover"]))


def test_haproxy_leads_to_no_replica_while_it_starts(cluster: Cluster) -> None:
    """Its first backend is the first node's, so the master must be another's."""
    [kept, *_] = [kept for kept in VALKEYS if cluster.master(kept) != cluster.nodes[0].name]
    pid = cluster.server("proxy", "haproxy").pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    with ThreadPoolExecutor(1) as thread:
        up = thread.submit(cluster.up)
        roles = Counter(role_behind(cluster.proxy, kept, cluster.state.passwords[kept]) for _ in iter(up.done, True))
        up.result()
    assert roles["master"]
    assert set(roles) <= {"master", "none"}


def test_another_valkey_takes_over_and_the_former_master_follows_it(cluster: Cluster) -> None:
    client = Redis.from_url(cluster.environment()["STREAM_URL"], socket_timeout=2)
    client.set("kept", 1)
    master = cluster.master("streams")
    assert master is not None
    pid = cluster.server(master, "streams").pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert until(lambda: answered(client))
    assert cluster.master("streams") != master
    assert client.get("kept") == b"1"
    cluster.start(master)
    assert until(cluster.is_whole)
    assert cluster.master("streams") != master


def test_after_all_of_it_was_killed_it_comes_up_with_what_was_acknowledged(cluster: Cluster) -> None:
    write(cluster, "killed")
    Redis.from_url(cluster.environment()["STREAM_URL"]).set("killed", 1)
    masters = [cluster.master(kept) for kept in VALKEYS]
    for part in cluster.status():
        assert part.pid is not None
        os.kill(part.pid, signal.SIGKILL)
    forget_that_it_was_prepared(cluster)
    cluster.up()
    assert "killed" in written(cluster.environment()["DATABASE_URL"])
    assert Redis.from_url(cluster.environment()["STREAM_URL"]).get("killed") == b"1"
    assert [cluster.master(kept) for kept in VALKEYS] == masters


def forget_that_it_was_prepared(cluster: Cluster) -> None:
    """As a newer version does that adds a role; it must not be taken for a first start that was interrupted."""
    state = cluster.state
    state.prepared = ""
    save(cluster.directory, state)


def role_behind(proxy: Proxy, kept: str, password: str) -> str:
    try:
        with connected(proxy, kept, password) as client:
            return str(client.info("replication")["role"])
    except RedisError:
        return "none"


def answered(client: "Redis") -> bool:
    try:
        return bool(client.set("written", 1))
    except RedisError:
        return False
