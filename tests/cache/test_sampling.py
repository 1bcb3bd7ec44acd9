"""Hits are compared with the database by the way, and only those count as stale that should be gone."""

import os
import time
from collections import Counter
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from knox.crypto import hash_token
from knox.models import AuthToken
from pytest_django import Settings

from foodshare.cache import sampling, statistics, store
from foodshare.cache.keys import TOKEN
from foodshare.cache.local import local
from foodshare.cache.sampling import Doubt, Hit, Sampler, sampler
from foodshare.cache.store import Entry
from foodshare.db import lsn
from foodshare.models import User
from tests.cache.conftest import Cache
from tests.factories import make_user, token_for
from tests.web.tools import wait_for

committing = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def person() -> User:
    return make_user(name="Ada")


@pytest.fixture
def digest(cache: Cache, person: User, settings: Settings) -> str:
    """A token's, which is in both tiers; every hit on it is compared."""
    made: str = hash_token(token_for(person))
    cache.deliver()
    cache.get(TOKEN, made)
    statistics.send()
    cache.redis.delete("cache:statistics")
    settings.CACHE_CHECKED = 1
    return made


def counted(cache: Cache) -> Counter[str]:
    """What was found since, all doubts settled."""
    wait_for(lambda: not sampler(os.getpid()).doubts and judged())
    return judged()


def judged() -> Counter[str]:
    statistics.send()
    found = statistics.totals().get("token", Counter())
    return Counter({name: found[name] for name in ("checked", "stale", "drift") if found[name]})


def plant(cache: Cache, digest: str) -> None:
    """Have Valkey hold what nobody has ever loaded."""
    cache.redis.hset(TOKEN.key(digest), "value", b'{"token": {}, "user": {"name": "Eve"}}')
    local.clear()


@committing
def test_a_stale_value_is_found(cache: Cache, digest: str) -> None:
    plant(cache, digest)
    assert cache.get(TOKEN, digest)["user"]["name"] == "Eve"
    wait_for(lambda: sampler(os.getpid()).doubts)
    cache.deliver()
    assert counted(cache) == {"stale": 1}


@committing
def test_a_stale_value_of_this_process_alone_is_found(cache: Cache, digest: str) -> None:
    """Each time that it may be judged it is put there anew: a listener that was cut off for a moment empties this
    tier, after which nothing stale is served."""
    key = TOKEN.key(digest)
    kept = store.read(key)
    assert kept
    wrong = Entry(b"{}", kept.lsn, kept.xmin, kept.fresh_until, 0, 1, kept.lsn)
    sampler_of_its_own = Sampler()
    sampler_of_its_own.look(Hit(TOKEN, digest, wrong))
    [doubt] = sampler_of_its_own.doubts

    def is_judged() -> bool:
        cache.deliver()
        local.put(key, wrong, local.ticket(key), 60)
        return sampler_of_its_own.settle(doubt)

    wait_for(is_judged)
    assert judged() == {"stale": 1}


@committing
def test_what_time_alone_may_have_changed_is_told_apart(cache: Cache, digest: str) -> None:
    plant(cache, digest)
    cache.get(replace(TOKEN, drifts=True), digest)
    wait_for(lambda: sampler(os.getpid()).doubts)
    cache.deliver()
    assert counted(cache) == {"drift": 1}


@committing
def test_what_is_right_is_counted_and_costs_the_reader_no_query(cache: Cache, digest: str) -> None:
    with CaptureQueriesContext(connection) as queries:
        cache.get(TOKEN, digest)
    assert not queries.captured_queries
    assert counted(cache) == {"checked": 1}


@committing
def test_a_change_that_is_on_its_way_is_not_stale(cache: Cache, digest: str, person: User) -> None:
    User.objects.filter(pk=person.pk).update(name="Grace")
    assert cache.get(TOKEN, digest)["user"]["name"] == "Ada"
    wait_for(lambda: sampler(os.getpid()).doubts)
    assert judged() == {}
    cache.deliver()
    assert counted(cache) == {"checked": 1}


@committing
def test_what_is_gone_from_the_database_is_on_its_way_too(cache: Cache, digest: str, person: User) -> None:
    AuthToken.objects.filter(user=person).delete()
    assert cache.get(TOKEN, digest)["user"]["name"] == "Ada"
    wait_for(lambda: sampler(os.getpid()).doubts)
    cache.deliver()
    assert counted(cache) == {"checked": 1}


@committing
def test_a_doubt_is_given_up_when_nothing_is_delivered(cache: Cache, digest: str) -> None:
    plant(cache, digest)
    entry = store.read(TOKEN.key(digest))
    assert entry
    sampler_of_its_own, hit = Sampler(), Hit(TOKEN, digest, entry)
    assert not sampler_of_its_own.settle(Doubt(hit, lsn.marked(), time.monotonic() + sampling.PATIENCE))
    assert sampler_of_its_own.settle(Doubt(hit, lsn.marked(), time.monotonic() - 1))
    assert judged() == {}


def test_hits_that_come_too_fast_pass_by() -> None:
    not_started = Sampler()
    for _ in range(sampling.WAITING + 1):
        not_started.take(Hit(TOKEN, "", Entry(b"{}", 0, 0, 0, 0, 0, 0)))
    assert not_started.hits.qsize() == sampling.WAITING


@committing
def test_most_hits_are_not_compared(cache: Cache, digest: str, settings: Settings) -> None:
    settings.CACHE_CHECKED = 10**9
    for _ in range(50):
        cache.get(TOKEN, digest)
    assert judged() == {}
    assert sampler(os.getpid()).hits.empty()
