"""A value is loaded by one at a time; the others wait for it, or are served the last one."""

import json
import math
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import OperationalError
from django.db.utils import InterfaceError

from foodshare.cache import aside as cache_aside
from foodshare.cache import store
from foodshare.cache.aside import chance, is_due
from foodshare.cache.local import local
from foodshare.cache.store import Entry
from foodshare.db.lsn import position
from foodshare.exceptions import Missing
from foodshare.models import User
from tests.cache.conftest import Cache
from tests.cache.tools import NAME, aside, fields, loads, rename
from tests.races import at_once
from tests.web.tools import ROOT, environment, wait_for

pytestmark = pytest.mark.usefixtures("committed")


def name(cache: Cache, person: User) -> str:
    found: str = cache.get(NAME, person.pk)
    return found


def age(cache: Cache, person: User, seconds: float) -> None:
    """Have the kept value be fresh for so many seconds more."""
    cache.redis.hset(NAME.key(person.pk), "fresh_until", str(time.time() + seconds))
    local.clear()


def lease_elsewhere(person: User) -> store.Lease:
    """Another process loads the value."""
    held = store.lease(NAME.key(person.pk))
    assert held is not None
    return held


def test_threads_share_one_load(cache: Cache, person: User) -> None:
    with loads.stopped() as stop:
        slow = [aside(lambda: name(cache, person)) for _ in range(8)]
        stop.wait()
    assert {each.result() for each in slow} == {"Ada"}
    assert len(loads) == 1


@pytest.mark.slow
def test_two_hundred_threads_on_a_cold_key_load_it_once(cache: Cache, person: User) -> None:
    def ask(_: int) -> str:
        return name(cache, person)

    with loads.stopped() as stop:
        slow = aside(lambda: name(cache, person))
        stop.wait()
        many = [aside(lambda: name(cache, person)) for _ in range(200)]
        stop.go.set()
        assert {each.result() for each in many} == {"Ada"}
    assert slow.result() == "Ada"
    assert at_once(ask, 40) == ["Ada"] * 40
    assert len(loads) == 1


def test_another_process_value_is_waited_for(cache: Cache, person: User) -> None:
    held = lease_elsewhere(person)
    waiting = aside(lambda: name(cache, person))
    entry = cache_aside.load_at(NAME, person.pk, "default", position("default"))
    assert store.store(NAME.key(person.pk), held, entry, 60)
    assert waiting.result() == "Ada"
    assert len(loads) == 1  # by us, who had the lease


def test_a_process_that_died_while_it_loaded_is_not_waited_for_long(cache: Cache, person: User) -> None:
    held = lease_elsewhere(person)
    assert name(cache, person) == "Ada"
    assert fields(cache, person)["lease"] == held.token


def test_a_lease_that_has_run_out_is_given_to_the_next(cache: Cache, person: User) -> None:
    lost = lease_elsewhere(person)
    cache.redis.hset(NAME.key(person.pk), "leased_until", 0)
    assert name(cache, person) == "Ada"
    assert fields(cache, person)["value"] == '"Ada"'
    entry = Entry(b'"older"', 1, 1, time.time() + 60, 0.0, 1, 1)
    assert not store.store(NAME.key(person.pk), lost, entry, 60)


def test_a_value_that_was_stored_since_it_was_looked_for_is_not_loaded_once_more(cache: Cache, person: User) -> None:
    name(cache, person)
    key = NAME.key(person.pk)
    assert store.lease(key) is None  # who found nothing, and asks when another has stored it
    assert store.lease(key, store.read(key)) is not None  # who loads anew what they have seen


def test_the_last_value_is_served_while_one_loads(cache: Cache, person: User) -> None:
    name(cache, person)
    age(cache, person, -1)
    with loads.stopped() as stop:
        slow = aside(lambda: name(cache, person))
        stop.wait()
        assert name(cache, person) == "Ada"
        assert len(loads) == 2
    assert slow.result() == "Ada"
    assert float(fields(cache, person)["fresh_until"]) > time.time() + 60


def test_the_last_value_is_served_while_the_database_is_away(cache: Cache, person: User) -> None:
    name(cache, person)
    age(cache, person, -1)
    loads.errors.append(OperationalError("away"))
    assert name(cache, person) == "Ada"
    assert len(loads) == 2


def test_a_value_is_loaded_early_the_more_likely_the_longer_it_takes() -> None:
    def due(left: float, cost: float) -> float:
        entry = Entry(b"", 0, 0, time.time() + left, cost, 0, 0)
        return sum(is_due(entry) for _ in range(2000)) / 2000

    random.seed(5)
    assert due(60.0, 0.001) == 0.0
    assert due(-1.0, 0.001) == 1.0
    assert math.isclose(due(1.0, 1.0), math.exp(-1), abs_tol=0.05)
    assert due(1.0, 0.5) < due(1.0, 1.0) < due(1.0, 2.0)


def test_lifetimes_differ() -> None:
    found = {chance(100.0) for _ in range(100)}
    assert len(found) > 90
    assert all(90.0 <= each <= 100.0 for each in found)


@pytest.mark.parametrize("error", [Missing("gone"), OperationalError("broken")])
def test_a_loader_that_fails_lets_the_next_try_at_once(cache: Cache, person: User, error: Exception) -> None:
    loads.errors.append(error)
    with pytest.raises(type(error)):
        name(cache, person)
    assert "lease" not in fields(cache, person)
    assert name(cache, person) == "Ada"
    assert len(loads) == 2


def test_a_broken_connection_of_one_is_no_error_of_others_who_waited(cache: Cache, person: User) -> None:
    with loads.stopped() as stop:
        loads.errors += [InterfaceError("broken")]
        broken = store.lease(NAME.key(person.pk))  # so that the first is seen to wait
        first = aside(lambda: name(cache, person))
        wait_for(lambda: cache_aside._flights.flying)
        second = aside(lambda: name(cache, person))
        assert broken is not None
        store.release(NAME.key(person.pk), broken)
        stop.go.set()
        with pytest.raises(InterfaceError):
            first.result()
        assert second.result() == "Ada"


def test_who_may_use_nothing_shares_a_load_begun_after_they_asked(cache: Cache, person: User) -> None:
    """As while the relay is away: threads still do not all go to the database."""
    with cache.hush(), loads.stopped() as stop:
        cache.listener.heard_at = float("-inf")
        first = aside(lambda: name(cache, person))
        stop.wait()
        rename(person, "Grace")
        others = [aside(lambda: name(cache, person)) for _ in range(6)]
        key = ("now", "default", NAME.key(person.pk))
        wait_for(lambda: key in cache_aside._flights.waiting)
    assert first.result() == "Ada"
    assert {each.result() for each in others} == {"Grace"}
    assert len(loads) <= 3  # one may have asked when the second was on its way
    assert not fields(cache, person)


PROCESS = """
import sys, time, json, django
django.setup()
from foodshare.cache import aside, reader
from foodshare.cache.keys import PATTERNS, CHANGES
from tests.cache.tools import NAME, loads
from tests.web.tools import wait_for
wait_for(aside.is_usable)
print("ready", flush=True)
sys.stdin.readline()
reader.nobody()
print(json.dumps([aside.value(NAME, sys.argv[1]), len(loads)]), flush=True)
"""


@pytest.mark.slow
def test_processes_load_a_cold_key_once(cache: Cache, person: User, tmp_path: Path) -> None:
    is_cluster = "true" if cache.is_cluster else "false"
    variables = environment(REDIS_URL=cache.valkey.url, REDIS_CLUSTER=is_cluster, CACHE_PATIENCE_MS="2000")
    with cache.relayed():
        command, pipe = [sys.executable, "-c", PROCESS, str(person.pk)], subprocess.PIPE
        processes = [subprocess.Popen(command, env=variables, cwd=ROOT, text=True, stdin=pipe, stdout=pipe)
                     for _ in range(4)]
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        found = [json.loads(process.communicate(timeout=60)[0]) for process in in_turn(processes)]
    assert {name for name, _ in found} == {"Ada"}
    assert sum(made for _, made in found) == 1


def in_turn(processes: "list[subprocess.Popen[str]]") -> "list[subprocess.Popen[str]]":
    """All begin together, and are then heard one after the other."""
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return processes
