"""A value is loaded once, kept in both tiers, and dropped when the database changes, however that was written."""

from collections.abc import Callable

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from knox.crypto import hash_token
from pytest_django import Settings

from foodshare.cache.keys import PROFILE, TOKEN
from foodshare.cache.local import local
from foodshare.models import User
from tests.cache.conftest import Cache
from tests.factories import make_user, token_for

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def person() -> User:
    return make_user(name="Ada")


@pytest.fixture
def digest(person: User) -> str:
    made: str = hash_token(token_for(person))
    return made


def name(cache: Cache, digest: str) -> str:
    found: str = cache.get(TOKEN, digest)["user"]["name"]
    return found


def test_a_value_is_loaded_once(cache: Cache, digest: str) -> None:
    assert name(cache, digest) == "Ada"
    with CaptureQueriesContext(connection) as queries:
        assert name(cache, digest) == "Ada"
        local.clear()
        assert name(cache, digest) == "Ada"
    assert not queries.captured_queries


def test_keys_read_as_declared(cache: Cache, digest: str) -> None:
    name(cache, digest)
    assert cache.redis.exists(f"auth:token:{{{digest}}}")


@pytest.mark.parametrize("write", [
    lambda person: person.save(),
    lambda person: User.objects.filter(pk=person.pk).update(name=person.name),
    lambda person: User.objects.bulk_update([person], ["name"]),
    lambda person: connections["owner"].cursor().execute("UPDATE users SET name = %s", [person.name]),
])
def test_it_is_dropped_when_the_row_changes(cache: Cache, person: User, digest: str,
                                              write: Callable[[User], object]) -> None:
    name(cache, digest)
    person.name = "Grace"
    write(person)
    cache.deliver()
    assert name(cache, digest) == "Grace"


def test_nothing_is_told_from_a_miss(cache: Cache) -> None:
    assert cache.get(TOKEN, "none") is None
    with CaptureQueriesContext(connection) as queries:
        assert cache.get(TOKEN, "none") is None
    assert not queries.captured_queries


def test_nothing_is_kept_of_what_is_not_committed(cache: Cache, person: User, digest: str) -> None:
    with transaction.atomic():
        User.objects.update(name="Grace")
        assert name(cache, digest) == "Grace"
        transaction.set_rollback(True)
    assert name(cache, digest) == "Ada"


def test_with_values_switched_off_only_tokens_are_kept(
        cache: Cache, person: User, digest: str, settings: Settings) -> None:
    settings.CACHE_VALUES = False
    assert (cache.get(PROFILE, person.pk)["name"], name(cache, digest)) == ("Ada", "Ada")
    assert [cache.redis.exists(each) for each in (PROFILE.key(person.pk), TOKEN.key(digest))] == [0, 1]
    with CaptureQueriesContext(connection) as queries:
        cache.get(PROFILE, person.pk)
    assert len(queries) > 0
