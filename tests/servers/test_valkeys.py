import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.servers.tools import Cluster


def test_the_cache_forgets_and_the_streams_do_not(cluster: Cluster) -> None:
    cache, streams = (cluster.valkey(url).config_get("*") for url in ("REDIS_URL", "STREAM_URL"))
    assert (cache["maxmemory-policy"], cache["appendonly"]) == ("volatile-lfu", "no")
    assert (streams["maxmemory-policy"], streams["appendonly"]) == ("noeviction", "yes")
    assert cache["maxmemory"] not in (None, "0")


@pytest.mark.parametrize("url", ["REDIS_URL", "STREAM_URL"])
def test_a_password_is_needed(cluster: Cluster, url: str) -> None:
    port = cluster.state.ports["cache" if url == "REDIS_URL" else "streams"]
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=port, retry=Retry(NoBackoff(), 0)).ping()


def test_the_passwords_are_not_on_the_command_line(cluster: Cluster) -> None:
    for pid in cluster.pids().values():
        with open(f"/proc/{pid}/cmdline") as command:
            text = command.read()
        assert not any(password in text for password in cluster.state.passwords.values())
