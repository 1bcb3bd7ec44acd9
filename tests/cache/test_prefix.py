"""Sites that share a server set a prefix, and each leaves the others' keys alone."""

import pytest
from pytest_django import Settings

from foodshare import presence
from foodshare.cache.invalidation import invalidate_pattern
from foodshare.models import User
from tests.cache.conftest import Cache
from tests.cache.tools import NAME, rename

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture(autouse=True)
def prefix(settings: Settings) -> None:
    settings.CACHE_PREFIX = "si*te:"


def test_every_key_begins_with_it(cache: Cache, person: User) -> None:
    cache.get(NAME, person.pk)
    presence.note(person.pk)
    keys = [key.decode() for key in cache.redis.scan_iter()]
    assert f"si*te:test:name:{{{person.pk}}}" in keys
    assert all(key.startswith("si*te:") for key in keys)


def test_changes_are_delivered_and_patterns_match_its_own_keys(cache: Cache, person: User) -> None:
    cache.get(NAME, person.pk)
    rename(person, "Grace")
    cache.deliver()
    assert cache.get(NAME, person.pk) == "Grace"
    cache.redis.set("si-te:test:name:{1}", "another site's")
    assert invalidate_pattern("test:name:*") == 1
    assert cache.redis.exists("si-te:test:name:{1}")
