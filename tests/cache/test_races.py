"""Whatever happens while a value is loaded: a stale one is neither stored nor given to whom it is too old."""

import pytest
from django.db import connections, transaction

from foodshare.cache import reader, store
from foodshare.cache.aside import Want
from foodshare.cache.local import local
from foodshare.db.lsn import position
from foodshare.models import User
from tests.cache.conftest import Cache, wait_until
from tests.cache.tools import NAME, aside, fields, loads, rename, serve, wrote
from tests.factories import make_user

pytestmark = pytest.mark.usefixtures("committed")


def name(cache: Cache, person: User, anybody: bool = True) -> str:
    found: str = cache.get(NAME, person.pk, anybody)
    return found


def name_for_them(cache: Cache, person: User) -> str:
    serve(person)
    return name(cache, person, anybody=False)


def seen_by_all(person: User) -> None:
    """Wait until no transaction is under way, in any database of the server, that began before the row last changed."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT xmin::text::bigint FROM users WHERE id = %s", [person.pk])
        (changed,) = cursor.fetchone()
    wait_until(lambda: position("default").xmin > changed)


def stored(cache: Cache, person: User) -> str | None:
    return fields(cache, person).get("value")


def test_a_loader_that_began_before_an_invalidation_cannot_store(cache: Cache, person: User) -> None:
    with loads.stopped() as stop:
        slow = aside(lambda: name(cache, person))
        stop.wait()
        rename(person, "Grace")
        cache.deliver()
    assert slow.result() == "Ada"  # it asked before
    assert stored(cache, person) is None
    assert name(cache, person) == "Grace"


def test_what_was_stored_before_the_delivery_is_dropped_by_it(cache: Cache, person: User) -> None:
    with loads.stopped() as stop:
        slow = aside(lambda: name(cache, person))
        stop.wait()
        rename(person, "Grace")
    assert slow.result() == "Ada"
    assert stored(cache, person) == '"Ada"'
    cache.deliver()
    assert stored(cache, person) is None
    assert name(cache, person) == "Grace"


def test_what_its_loader_saw_is_not_dropped_by_a_late_delivery(cache: Cache, person: User) -> None:
    rename(person, "Grace")
    seen_by_all(person)
    assert name(cache, person) == "Grace"
    cache.deliver()
    assert stored(cache, person) == '"Grace"'


def test_an_older_transaction_that_commits_later_counts_too(cache: Cache, person: User) -> None:
    """Its xid is below that which made the key invalid before."""
    name(cache, person)
    with loads.stopped() as stop:
        with transaction.atomic("owner"):
            User.objects.using("owner").filter(pk=person.pk).update(name="Grace")
            with connections["default"].cursor() as cursor:  # the row itself is locked
                cursor.execute("SELECT note_cache_invalidations('account', ARRAY[%s])", [str(person.pk)])
            cache.deliver()
            slow = aside(lambda: name(cache, person))
            stop.wait()
        cache.deliver()
    assert slow.result() == "Ada"
    assert stored(cache, person) is None
    assert name(cache, person) == "Grace"


def test_a_slower_older_loader_cannot_overwrite_a_newer_value(cache: Cache, person: User) -> None:
    with loads.stopped() as stop:
        slow = aside(lambda: name(cache, person))
        stop.wait()
        rename(person, "Grace")
        held = store.lease(NAME.key(person.pk), take=True)
        assert held is not None
        aside(lambda: cache.redis.hset(NAME.key(person.pk), "leased_until", 0)).result()
        cache.deliver()
        local.clear()
        assert name(cache, person) == "Grace"
    slow.result()
    assert stored(cache, person) == '"Grace"'
    local.clear()
    assert name(cache, person) == "Grace"


@pytest.mark.parametrize("forget", [lambda cache, key: cache.redis.unlink(key),
                                    lambda cache, key: cache.redis.flushall()])
def test_a_key_that_was_evicted_while_it_was_loaded_is_not_stored(cache: Cache, person: User, forget: object) -> None:
    with loads.stopped() as stop:
        slow = aside(lambda: name(cache, person))
        stop.wait()
        forget(cache, NAME.key(person.pk))  # type: ignore[operator]
        rename(person, "Grace")
        cache.deliver()
    slow.result()
    assert stored(cache, person) is None
    assert name(cache, person) == "Grace"


def test_a_value_on_its_way_is_not_kept_in_the_process_once_it_is_invalid(cache: Cache, person: User) -> None:
    with loads.stopped() as stop:
        slow = aside(lambda: name(cache, person))
        stop.wait()
        rename(person, "Grace")
        cache.deliver()
    slow.result()
    assert local.get(NAME.key(person.pk)) is None


def test_nobody_joins_a_load_that_began_before_what_they_have_heard(cache: Cache, person: User) -> None:
    with loads.stopped() as stop:
        slow = aside(lambda: name(cache, person))
        stop.wait()
        rename(person, "Grace")
        cache.deliver()
        assert name(cache, person) == "Grace"
    assert slow.result() == "Ada"


def test_a_transaction_that_goes_on_and_on_keeps_nothing_from_being_stored(cache: Cache, person: User) -> None:
    with transaction.atomic("owner"):
        User.objects.using("owner").filter(name="nobody").update(name="")
        with connections["owner"].cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()")  # from here on no xmin is beyond it
        for new in ("Grace", "Mary"):
            rename(person, new)
            cache.deliver()
            assert name(cache, person) == new
            assert stored(cache, person) == f'"{new}"'


def test_whoever_wrote_sees_it_in_both_tiers_before_it_is_delivered(cache: Cache, person: User) -> None:
    other = make_user()
    assert name(cache, person) == "Ada"
    rename(person, "Grace")
    wrote(person)
    assert name(cache, person) == "Ada"  # nobody told them
    serve(other)
    assert name(cache, person, anybody=False) == "Ada"
    serve(person)
    assert name(cache, person, anybody=False) == "Grace"
    local.clear()
    serve(person)
    assert name(cache, person, anybody=False) == "Grace"


def test_whoever_wrote_does_not_get_a_newer_load_of_somebody_elses_that_is_too_old(cache: Cache, person: User) -> None:
    with loads.stopped() as stop:
        slow = aside(lambda: name(cache, person))
        stop.wait()
        rename(person, "Grace")
        wrote(person)
        writer = aside(lambda: name_for_them(cache, person))
    assert slow.result() == "Ada"
    assert writer.result() == "Grace"


def test_people_are_forgotten_only_when_all_have_heard_of_what_they_wrote(cache: Cache, person: User) -> None:
    wrote(person)
    rename(person, "Grace")  # the log goes on
    cache.deliver()
    cache.keep()  # at which all were told; who has not heard so will trust nothing at the next
    assert is_remembered(cache, person)
    cache.keep()
    assert not is_remembered(cache, person)
    assert (cache.redis.zscore("cache:{writers}", "") or 0) <= cache.listener.delivered


def is_remembered(cache: Cache, person: User) -> bool:
    return cache.redis.zscore("cache:{writers}", str(person.pk)) is not None


def test_of_a_server_that_was_emptied_nothing_is_known_until_the_relay_has_passed(cache: Cache, person: User) -> None:
    name(cache, person)
    wrote(person)
    cache.redis.flushall()
    serve(person)
    assert reader.required() is None
    wrote(person)
    serve(person)
    assert reader.required() is None
    cache.keep()
    serve(person)
    assert reader.required() is not None


def test_a_value_that_was_looked_at_before_an_invalidation_is_judged_by_what_was_heard_before(
        cache: Cache, person: User) -> None:
    """Who wrote gets no value of which they are told, while it is on its way, that all is delivered."""
    name(cache, person)
    local.clear()
    rename(person, "Grace")
    wrote(person)
    serve(person)
    required = reader.required()
    assert required is not None
    key = NAME.key(person.pk)
    want = Want(NAME, person.pk, key, required, cache.listener.place, local.ticket(key))
    found = store.read(key)
    cache.deliver()
    cache.deliver()
    assert cache.listener.place.covers(required)
    assert not want.is_met_by(found)
