"""The relay delivers every note at least once, says no more than is true, and drops what rests on what is gone."""

import logging

import pytest
from django.db import connections, transaction
from django.db.utils import OperationalError

from foodshare.cache import reader
from foodshare.cache.invalidation import Relay, invalidate_pattern
from foodshare.cache.listener import TRUSTED, tell
from foodshare.cache.local import local
from foodshare.db import lsn
from foodshare.db.lsn import Place
from foodshare.models import User
from tests.cache.conftest import Cache, wait_until
from tests.cache.tools import NAME, aside, fields, rename, wrote
from tests.databases import run, value
from tests.factories import make_user

pytestmark = pytest.mark.usefixtures("committed")
NOTES = "SELECT count(*) FROM cache_invalidations"


def test_notes_are_deleted_once_delivered(cache: Cache, person: User) -> None:
    rename(person, "Grace")
    assert value(NOTES) > 0
    cache.deliver()
    assert value(NOTES) == 0


def test_what_is_rolled_back_is_not_told(cache: Cache, person: User) -> None:
    cache.get(NAME, person.pk)
    with transaction.atomic():
        User.objects.filter(pk=person.pk).update(name="Grace")
        transaction.set_rollback(True)
    reader.nobody()
    cache.deliver()
    assert local.get(NAME.key(person.pk)) is not None
    assert fields(cache, person)["value"] == '"Ada"'


def test_of_two_relays_one_works(cache: Cache, person: User) -> None:
    rename(person, "Grace")
    with transaction.atomic(), connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('cache invalidation', 0))")
        other = Relay()
        assert aside(other.work).result() is False
        assert value(NOTES) > 0
        assert other.seen == 0
    assert aside(other.work).result() is False
    assert value(NOTES) == 0


def test_a_relay_that_lost_its_connection_leaves_its_notes_to_the_next(cache: Cache, person: User) -> None:
    """Killed between delivery and delete: what is delivered twice does no harm."""
    cache.get(NAME, person.pk)
    rename(person, "Grace")
    with pytest.raises(OperationalError):
        deliver_and_die(cache)
    connections["default"].close()
    assert value(NOTES) > 0
    assert "value" not in fields(cache, person)
    assert cache.get(NAME, person.pk) == "Grace"
    cache.deliver()
    assert value(NOTES) == 0
    assert cache.get(NAME, person.pk) == "Grace"


def deliver_and_die(cache: Cache) -> None:
    with transaction.atomic():
        cache.relay.work()  # whose delete is not committed before this transaction is
        run("SELECT pg_terminate_backend(%s)", connections["default"].connection.info.backend_pid)


def test_a_change_of_which_nothing_is_known_is_named_and_done_with(cache: Cache,
                                                                       caplog: pytest.LogCaptureFixture) -> None:
    run("SELECT note_cache_invalidations('moon', ARRAY['1'])", alias="default")
    with caplog.at_level(logging.ERROR):
        cache.deliver()
    assert "'moon'" in caplog.text
    assert value(NOTES) == 0


def test_a_change_whose_keys_cannot_be_told_drops_all_of_them(cache: Cache, person: User) -> None:
    """And keeps nothing else from being delivered."""
    cache.redis.hset("auth:token:{1}", "value", "1")
    cache.get(NAME, person.pk)
    run("SELECT note_cache_invalidations('account', ARRAY['no-id'])", alias="default")
    rename(person, "Grace")
    cache.deliver()
    assert value(NOTES) == 0
    assert not cache.redis.exists("auth:token:{1}")
    assert cache.get(NAME, person.pk) == "Grace"


def test_a_change_of_very_many_rows_drops_all_keys_of_its_patterns(cache: Cache, person: User) -> None:
    others = [make_user() for _ in range(3)]
    for each in (person, *others):
        cache.get(NAME, each.pk)
    cache.deliver()
    for each in (person, *others):
        cache.get(NAME, each.pk)
    cache.redis.set("user:profile:other", "kept")
    run("SELECT note_cache_invalidations('account', ARRAY(SELECT n::text FROM generate_series(1, 10001) AS n))",
        alias="default")
    assert value(NOTES) == 1
    cache.deliver()
    assert not any(fields(cache, each) for each in (person, *others))
    assert not any(local.get(NAME.key(each.pk)) for each in (person, *others))
    assert cache.redis.get("user:profile:other") == b"kept"


@pytest.mark.slow
def test_an_update_of_ten_thousand_rows_is_one_note(cache: Cache, person: User) -> None:
    cache.get(NAME, person.pk)
    User.objects.bulk_create([User(email=f"{n}@example.org", name="many", password="!") for n in range(10_001)],
                             batch_size=5000)
    run("DELETE FROM cache_invalidations")
    User.objects.update(name="all")
    reader.nobody()
    assert value("SELECT array_agg(DISTINCT subject) FROM cache_invalidations WHERE change = 'account'") == ["*"]
    cache.deliver()
    assert cache.get(NAME, person.pk) == "all"


def test_more_notes_than_a_batch_are_delivered_before_it_is_said_that_all_are(cache: Cache, person: User) -> None:
    run("SELECT note_cache_invalidations('account', ARRAY(SELECT gen_random_uuid()::text "
        "FROM generate_series(1, 2500)))", alias="default")
    rename(person, "Grace")
    told = cache.relay.told
    assert cache.relay.work() is True
    assert cache.relay.told == told
    assert cache.relay.work() is False
    assert value(NOTES) == 0


def test_keys_are_removed_by_pattern(cache: Cache, person: User) -> None:
    cache.get(NAME, person.pk)
    cache.redis.set("other", "kept")
    assert invalidate_pattern("test:name:*") == 1
    assert cache.redis.get("other") == b"kept"
    cache.deliver()
    assert local.get(NAME.key(person.pk)) is None


def test_a_relay_stopped_or_gone_is_trusted_for_two_seconds(cache: Cache, person: User) -> None:
    assert cache.listener.is_trusted
    with cache.hush():
        cache.listener.heard_at -= TRUSTED  # the seconds pass
        assert not cache.listener.is_trusted
        cache.get(NAME, person.pk)
    assert not fields(cache, person)
    assert local.get(NAME.key(person.pk)) is None


def test_an_assurance_that_was_long_under_way_is_not_told(cache: Cache) -> None:
    with cache.hush():
        heard_at = cache.listener.heard_at
        _, now = tell([])
        assert tell([], delivered=Place(1, 2**50), before=now - 1)[0] is False
        assert tell([], delivered=Place(1, cache.relay.told), before=now + 60_000)[0] is True
        wait_until(lambda: cache.listener.heard_at > heard_at)
    assert cache.listener.delivered < 2**50


def test_a_server_that_begins_with_what_it_once_saved_is_emptied(cache: Cache, person: User) -> None:
    """Or a replica that takes its place: neither knows of all that was made invalid."""
    cache.get(NAME, person.pk)
    wrote(person)
    cache.redis.set("cache:grounds", "another run")
    before = lsn.written().lsn
    Relay().work()
    assert not fields(cache, person)
    assert cache.redis.zscore("cache:{writers}", str(person.pk)) is None
    assert (cache.redis.zscore("cache:{writers}", "") or 0) >= before


def test_after_a_failover_nothing_is_said_of_the_timeline_before(cache: Cache, person: User) -> None:
    timeline = cache.relay.timeline
    cache.relay.timeline, cache.relay.seen, cache.relay.told = timeline + 1, 2**50, 2**50
    for _ in range(3):
        cache.relay.work()
    assert (cache.relay.timeline, cache.relay.told < 2**50) == (timeline, True)


def test_another_relay_on_the_same_servers_leaves_what_is_kept(cache: Cache, person: User) -> None:
    cache.get(NAME, person.pk)
    Relay().work()
    assert fields(cache, person)["value"] == '"Ada"'
