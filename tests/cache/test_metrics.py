"""How the cache does is told: hits, staleness, memory, clients and slow commands; and keys are removed by pattern."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings
from redis import Redis

from foodshare.cache import metrics, server, statistics
from foodshare.cache.keys import PROFILE, TOKEN
from foodshare.cache.local import local
from foodshare.cache.metrics import Reads
from tests.cache.conftest import Cache
from tests.factories import make_moderator
from tests.valkeys import OwnValkey


@pytest.fixture
def redis(valkey: OwnValkey, settings: Settings) -> "Redis":
    settings.REDIS_URL = valkey.url
    found = server.client(valkey.url)
    found.flushall()
    statistics.send()
    found.delete("cache:statistics")
    return found


@pytest.fixture
def admin_page(client: Client) -> Callable[[], str]:
    client.force_login(make_moderator())
    return lambda: client.get("/admin/").content.decode()


def run(*arguments: str) -> str:
    output = io.StringIO()
    call_command(*arguments, stdout=output)
    return output.getvalue()


def told() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("cache_status", "--json"))
    return found


def counted(redis: "Redis", **numbers: int) -> None:
    redis.hset("cache:statistics", mapping={name.replace("__", ":"): number for name, number in numbers.items()})


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_hits_are_told_by_tier(cache: Cache) -> None:
    with cache.hush():
        cache.deliver()  # or something may be heard between the reads
        statistics.send()
        cache.redis.delete("cache:statistics")
        for _ in range(3):  # a miss, and two hits in this process
            cache.get(TOKEN, "none")
        local.clear()
        cache.get(TOKEN, "none")
    statistics.send()
    found = metrics.read()
    assert found.patterns == {"token": Reads(local=2, valkey=1, missed=1, loaded=1)}
    assert found.reads.hit_rate == 0.75
    assert found.reads.local_rate == 0.5
    assert found.reads.staleness_rate is None


def test_rates_are_over_all_patterns(redis: "Redis") -> None:
    counted(redis, token__local=6, profile__valkey=3, profile__miss=2, profile__bypass=1, profile__checked=3)
    found = told()
    assert found["hit_rate"] == 0.75
    assert found["patterns"]["profile"]["hit_rate"] == 0.5
    assert found["staleness_rate"] == 0
    assert found["ok"]


def test_stale_hits_are_a_finding(redis: "Redis") -> None:
    counted(redis, token__local=6, token__checked=3, token__stale=1)
    with pytest.raises(SystemExit) as ended:
        run("cache_status", "--json")
    assert ended.value.code == 1
    assert metrics.read().reads.staleness_rate == 0.25


@pytest.mark.django_db
def test_the_admin_tells_hits_and_stale_ones(redis: "Redis", admin_page: Callable[[], str]) -> None:
    assert "asked of the cache" not in admin_page()
    counted(redis, token__local=3, token__miss=1, token__checked=1)
    assert "it had 75.0%" in admin_page()
    assert "stale" not in admin_page()
    counted(redis, token__stale=1)
    assert "Of 2 answers that were compared with the database 1 were stale" in admin_page()


def test_the_server_is_told_as_document_b_names_it(redis: "Redis", settings: Settings) -> None:
    redis.config_set("maxmemory", 64 * 2**20)
    with Redis.from_url(settings.REDIS_URL) as another:
        another.ping()
        found = told()
    assert {"hit_rate", "memory_used", "connected_clients", "total_connections_received", "slowlog_length"} <= {*found}
    assert 0 < found["memory_used"] < found["memory_limit"] == 64 * 2**20
    assert found["policy"] == "volatile-lfu"
    assert found["connected_clients"] >= 2
    assert found["pool"]["limit"] == 20


def test_slow_commands_are_named_without_their_values(redis: "Redis") -> None:
    redis.config_set("slowlog-log-slower-than", 0)
    redis.slowlog_reset()
    redis.set("secret", "of somebody")
    redis.config_set("slowlog-log-slower-than", 10_000)
    text = run("cache_status")
    assert "slow: SET" in text
    assert "secret" not in text
    assert "SET" in [slow["command"] for slow in told()["slow"]]
    redis.slowlog_reset()


def test_a_server_that_is_away_is_a_finding(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    output = io.StringIO()
    with pytest.raises(CommandError, match="away") as refusal:
        call_command("cache_status", "--json", stdout=output)
    assert refusal.value.returncode == 1
    assert json.loads(output.getvalue())["ok"] is False


def test_keys_are_removed_by_pattern(redis: "Redis") -> None:
    for number in range(1200):
        redis.set(PROFILE.key(number), "x")
    redis.set(TOKEN.key(1), "x")
    assert run("invalidate_cache", "user:profile:*", "--dry-run") == "1,200 keys match\n"
    assert redis.dbsize() == 1201
    redis.config_resetstat()
    assert run("invalidate_cache", "user:profile:*") == "1,200 keys removed\n"
    assert redis.keys() == [TOKEN.key(1).encode()]
    assert redis.info("commandstats").keys() >= {"cmdstat_scan", "cmdstat_unlink"}


def test_only_keys_of_this_site_are_removed(redis: "Redis", settings: Settings) -> None:
    settings.CACHE_PREFIX = "site[1]:"
    for key in ("site[1]:a", "site1:a", "a"):
        redis.set(key, "x")
    run("invalidate_cache", "*", "--all")
    assert {*redis.keys()} == {b"site1:a", b"a"}


@pytest.mark.parametrize("pattern", ["*", "**", "*?*", ""])
def test_everything_is_not_removed_by_a_slip(redis: "Redis", pattern: str) -> None:
    redis.set("kept", "x")
    with pytest.raises(CommandError) as refusal:
        run("invalidate_cache", pattern)
    assert refusal.value.returncode == 2
    assert redis.exists("kept")
