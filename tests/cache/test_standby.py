"""A value is loaded from a standby only if that has replayed what the key and its reader need."""


import pytest
from django.conf import settings
from pytest_django import Settings

from foodshare.cache import store
from foodshare.cache.aside import value
from foodshare.cache.local import local
from foodshare.models import User
from tests.cache.conftest import Cache
from tests.cache.tools import NAME, aside, loads, rename, serve, wrote
from tests.factories import make_user
from tests.groups.standby import caught_up, needs_standby
from tests.replica.conftest import held_back

pytestmark = [needs_standby, pytest.mark.replica, pytest.mark.usefixtures("committed"),
              pytest.mark.skipif(not settings.EMBEDDED_SERVERS, reason="only a superuser may hold a standby back")]


@pytest.fixture(autouse=True)
def patient(settings: Settings) -> None:
    """A standby that is held back is in the rotation all the same."""
    settings.LAG_LIMIT = 600.0


def follow() -> None:
    """Let the standby replay the log up to its present end, which is sent only with the next commit."""
    make_user()
    caught_up()


def name(cache: Cache, person: User) -> str:
    found: str = cache.get(NAME, person.pk)
    return found


def run_out(cache: Cache, person: User) -> None:
    """The kept value is past its time, and what was kept of the key is not."""
    cache.redis.hset(NAME.key(person.pk), "fresh_until", 0)
    local.clear()


def test_a_key_of_which_nothing_is_known_is_loaded_from_the_primary(cache: Cache, person: User) -> None:
    caught_up()
    assert name(cache, person) == "Ada"
    assert loads.sources == ["default"]


def test_one_that_is_loaded_anew_comes_from_the_standby(cache: Cache, person: User) -> None:
    name(cache, person)
    follow()
    run_out(cache, person)
    assert name(cache, person) == "Ada"
    assert loads.sources == ["default", "replica"]


def test_a_standby_is_not_read_before_it_has_replayed_an_invalidation(cache: Cache, person: User) -> None:
    name(cache, person)
    follow()
    with held_back():
        rename(person, "Grace")
        cache.deliver()
        assert name(cache, person) == "Grace"
        assert loads.sources == ["default", "default"]
        run_out(cache, person)
        assert name(cache, person) == "Grace"
        assert loads.sources == ["default"] * 3
    follow()
    run_out(cache, person)
    assert name(cache, person) == "Grace"
    assert loads.sources == ["default"] * 3 + ["replica"]


def test_a_value_from_before_an_undelivered_change_is_dropped_by_it(cache: Cache, person: User) -> None:
    """Read from a standby that has all that is known of the key, and not the change that is on its way."""
    name(cache, person)
    follow()
    with held_back():
        rename(person, "Grace")
        run_out(cache, person)
        assert name(cache, person) == "Ada"
        assert loads.sources == ["default", "replica"]
        cache.deliver()
        assert name(cache, person) == "Grace"


def test_whoever_wrote_is_not_served_from_a_standby_that_lags(cache: Cache, person: User) -> None:
    name(cache, person)
    follow()
    with held_back():
        rename(person, "Grace")
        wrote(person)
        run_out(cache, person)
        serve(person)
        assert value(NAME, person.pk) == "Grace"
        assert loads.sources == ["default", "default"]


def test_a_loader_on_the_standby_that_began_before_an_invalidation_cannot_store(cache: Cache, person: User) -> None:
    name(cache, person)
    follow()
    with held_back():
        run_out(cache, person)
        with loads.stopped() as stop:
            slow = aside(lambda: name(cache, person))
            stop.wait()
            rename(person, "Grace")
            cache.deliver()
        slow.result()
        assert loads.sources == ["default", "replica"]
        assert store.read(NAME.key(person.pk)) is None
        assert name(cache, person) == "Grace"
