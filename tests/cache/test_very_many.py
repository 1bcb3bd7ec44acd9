"""A change that concerns very many keys makes all of their pattern invalid, instead of each."""

import pytest

from foodshare.cache.invalidation import ALL, MOST_KEYS, invalidated_by
from foodshare.cache.keys import ROOM_MESSAGES

pytestmark = pytest.mark.django_db


def test_each_key_up_to_a_number() -> None:
    found = invalidated_by([("room", str(number), number) for number in range(MOST_KEYS)])
    assert len(found.keys) == MOST_KEYS
    assert found.keys[ROOM_MESSAGES.key("7")] == 7
    assert not found.patterns


def test_all_beyond_it() -> None:
    found = invalidated_by([("room", str(number), 1) for number in range(MOST_KEYS + 1)])
    assert found.patterns == {ROOM_MESSAGES.every}
    assert not found.keys


def test_all_where_the_trigger_says_so() -> None:
    assert invalidated_by([("room", ALL, 1), ("room", "7", 1)]).patterns == {ROOM_MESSAGES.every}
