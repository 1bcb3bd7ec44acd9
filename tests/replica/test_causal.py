"""A standby serves whoever it shows all that they wrote and saw; nobody's reads go back in time."""

import time
from contextlib import suppress

import pytest
from django.conf import settings as configured
from django.db import connections, transaction
from pytest_django import Settings
from rest_framework.test import APIClient

from foodshare.cache import store, writers
from foodshare.cache.keys import WRITERS
from foodshare.cache.local import local
from foodshare.db import standbys
from foodshare.db.lsn import EVERYTHING, LOOK
from foodshare.db.router import primary_only, reading_alias, replica_only
from foodshare.db.standbys import LOOK_EVERY
from foodshare.exceptions import NoStandby
from foodshare.models import User
from tests.cache.conftest import Cache, wait_until
from tests.cache.tools import rename
from tests.factories import client_for, make_user
from tests.groups.standby import caught_up, needs_standby
from tests.replica.conftest import follow, held_back, servers_of, statements
from tests.web.tools import wait_for

pytestmark = [needs_standby, pytest.mark.replica, pytest.mark.usefixtures("committed"),
              pytest.mark.skipif(not configured.EMBEDDED_SERVERS, reason="only a superuser may hold a standby back")]
SEARCH = "/api/v1/profiles?q=Grace"


def test_who_knows_nothing_new_reads_the_standby(known: Cache, person: User) -> None:
    api = client_for(person)
    api.get(SEARCH)  # with which the token is known
    follow(known)
    assert servers_of(lambda: api.get(SEARCH)) == {"replica"}


def test_who_wrote_reads_the_primary_until_the_standby_has_it(known: Cache, person: User) -> None:
    api = client_for(person)
    api.get(SEARCH)
    follow(known)
    with held_back():
        assert api.patch("/api/v1/me", {"name": "Grace"}, format="json").status_code == 200
        known.deliver()
        assert servers_of(lambda: api.get(SEARCH)) == {"default"}
        assert [each["name"] for each in api.get(SEARCH).json()["results"]] == ["Grace"]
        assert api.get("/api/v1/me").json()["name"] == "Grace"
    follow(known)
    assert servers_of(lambda: api.get(SEARCH)) == {"replica"}


def test_a_primary_that_only_ended_the_watch_is_not_away(known: Cache, person: User) -> None:
    api = client_for(person)
    api.get(SEARCH)
    follow(known)
    with held_back():
        assert api.patch("/api/v1/me", {"name": "Grace"}, format="json").status_code == 200
        known.deliver()
        for _ in range(5):
            wait_until(lambda: end_watch("default"))
            for _ in range(20):  # until after the next look
                assert [each["name"] for each in api.get(SEARCH).json()["results"]] == ["Grace"]
                assert not standbys.is_primary_away()
                time.sleep(LOOK_EVERY / 10)


def end_watch(alias: str) -> bool:
    """Whether this process's own look at the server was there to be ended."""
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT bool_or(pg_terminate_backend(pid)) FROM pg_stat_activity "
                       "WHERE application_name = 'foodshare watch' AND datname = current_database()")
        (ended,) = cursor.fetchone()
    return bool(ended)


def test_who_only_looks_who_knows_best_is_not_counted_as_a_reader(known: Cache, person: User) -> None:
    api = client_for(person)
    api.get(SEARCH)
    follow(known)
    before = standbys.statistics()
    assert servers_of(lambda: api.get(SEARCH)) == {"replica"}
    after = standbys.statistics()
    assert after["fallbacks"] == before["fallbacks"]
    assert after["reads"]["replica"] == before["reads"]["replica"] + 1


def test_somebody_else_still_reads_the_standby(known: Cache, person: User) -> None:
    other = client_for(make_user())
    other.get(SEARCH)
    follow(known)
    with held_back():
        rename(person, "Grace")
        known.deliver()
        assert servers_of(lambda: other.get(SEARCH)) == {"replica"}
        assert other.get(SEARCH).json()["results"] == []


def test_what_the_cache_showed_is_not_taken_back_by_a_standby(known: Cache, person: User) -> None:
    reader = client_for(make_user())
    reader.get(SEARCH)
    follow(known)
    with held_back():
        rename(person, "Grace")
        known.deliver()
        assert reader.get(f"/api/v1/profiles/{person.pk}").json()["name"] == "Grace"  # loaded from the primary
        known.deliver()
        assert [each["name"] for each in reader.get(SEARCH).json()["results"]] == ["Grace"]
    follow(known)
    assert servers_of(lambda: reader.get(SEARCH)) == {"replica"}


def test_what_a_server_showed_is_not_taken_back_by_the_cache(known: Cache, person: User) -> None:
    reader = client_for(make_user())
    assert reader.get(f"/api/v1/profiles/{person.pk}").json()["name"] == "Ada"
    follow(known)
    with known.hush():  # the change is not delivered
        rename(person, "Grace")
        make_user()
        caught_up()
        assert [each["name"] for each in reader.get(SEARCH).json()["results"]] == ["Grace"]
        assert reader.get(f"/api/v1/profiles/{person.pk}").json()["name"] == "Grace"
        local.clear()
        assert reader.get(f"/api/v1/profiles/{person.pk}").json()["name"] == "Grace"


def test_a_standby_left_on_another_timeline_is_not_read(known: Cache, person: User) -> None:
    """As long as somebody is known to have written, or read, on a later one."""
    api = client_for(person)
    api.get(SEARCH)
    follow(known)
    assert servers_of(lambda: api.get(SEARCH)) == {"replica"}
    store.record(WRITERS, "ZADD", "GT", 2, "timeline")
    assert servers_of(lambda: api.get(SEARCH)) == {"default"}


def test_who_wrote_nobody_knows_where_reads_the_primary_until_the_relay_has_seen_to_it(
        known: Cache, person: User) -> None:
    api = client_for(person)
    api.get(SEARCH)
    follow(known)
    writers.keep_up([person.pk], EVERYTHING)  # as where the database went away before it could tell
    assert servers_of(lambda: api.get(SEARCH)) == {"default"}
    known.keep()
    follow(known)
    assert servers_of(lambda: api.get(SEARCH)) == {"replica"}


def test_a_late_standby_is_left_out(known: Cache, person: User, settings: Settings) -> None:
    api = client_for(person)
    api.get(SEARCH)
    follow(known)
    settings.LAG_LIMIT = 0.1
    with held_back():
        rename(person, "Grace")
        wait_until(lambda: standbys.find() is None)
        assert servers_of(lambda: api.get(SEARCH)) == {"default"}
    follow(known)
    assert servers_of(lambda: api.get(SEARCH)) == {"replica"}


def test_code_may_say_whom_it_reads(known: Cache, person: User) -> None:
    follow(known)
    with replica_only():
        assert reading_alias() == "replica"
        assert User.objects.get(pk=person.pk)._state.db == "replica"
        with primary_only():
            assert User.objects.get(pk=person.pk)._state.db == "default"


def test_where_there_is_no_standby_code_that_must_have_one_fails(known: Cache, settings: Settings) -> None:
    settings.READ_FROM_REPLICAS = False
    with pytest.raises(NoStandby), replica_only():
        raise AssertionError("it was entered")


def test_code_that_must_have_a_standby_gets_none_that_lacks_what_it_wrote(known: Cache, person: User) -> None:
    follow(known)
    with held_back():
        User.objects.filter(pk=person.pk).update(name="Grace")
        with pytest.raises(NoStandby), replica_only():
            raise AssertionError("it was entered")
    follow(known)
    assert wait_for(lambda: name_at_a_standby(person)) == "Grace"
    with transaction.atomic(), pytest.raises(NoStandby), replica_only():
        raise AssertionError("it was entered")


def name_at_a_standby(person: User) -> str | None:
    """The person's name; None while no standby has all, as it must have what other tests write as well."""
    with suppress(NoStandby), replica_only():
        return User.objects.get(pk=person.pk).name
    return None


def test_no_query_tells_how_late_a_standby_is(known: Cache, person: User) -> None:
    """One tells, after the reads, how far they have seen."""
    api = client_for(person)
    api.get(SEARCH)
    follow(known)
    api.get(SEARCH)
    known.deliver()
    wait_until(lambda: not asks_first(api))


def asks_first(api: APIClient) -> bool:
    """Whether anything but the last query asks how late the standby is, as where its connection was made just now."""
    with statements("replica") as asked, statements("default") as asked_of_primary:
        assert api.get(SEARCH).status_code == 200
    assert asked_of_primary == []
    assert asked[-1] == LOOK
    return LOOK in asked[:-1]
