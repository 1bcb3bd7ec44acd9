"""Keys that carry their time."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from foodshare.db.keys import new_key, time_of
from groups.models import Message

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize("microsecond", [0, 1, 244, 245, 499, 500, 998, 999, 1000, 123_456, 999_999])
def test_a_key_tells_its_time_to_the_microsecond(microsecond: int) -> None:
    at = NOON.replace(microsecond=microsecond)
    key = new_key(at)
    assert (key.version, key.variant, time_of(key)) == (7, "specified in RFC 4122", at)


def test_keys_are_in_the_order_of_their_times() -> None:
    times = [NOON + n * timedelta(microseconds=1) for n in range(3000)]
    keys = [new_key(at) for at in times]
    assert keys == sorted(keys)
    assert [key.int for key in keys] == sorted(key.int for key in keys)


def test_two_keys_of_one_time_differ() -> None:
    assert new_key(NOON) != new_key(NOON)


@pytest.mark.django_db
def test_another_uuid_is_nobodys_key(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        assert not Message.objects.filter(pk=uuid4()).exists()
        assert list(Message.objects.filter(pk__in=[uuid4(), uuid4()])) == []
