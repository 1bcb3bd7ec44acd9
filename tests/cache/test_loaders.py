"""What is loaded for the cache is read from the server that was chosen, all of it."""

from collections.abc import Callable

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from foodshare.db.router import reading_from
from groups import cached
from groups.models import Room
from tests.factories import make_member, make_message, make_room
from tests.groups.standby import caught_up, needs_standby

pytestmark = [needs_standby, pytest.mark.replica,
              pytest.mark.django_db(transaction=True, databases=["default", "owner", "replica"])]


@pytest.fixture
def room() -> Room:
    made = make_room()
    make_message(made, make_member(made.group))
    caught_up()
    return made


@pytest.mark.parametrize("load", [
    lambda room: cached.room_messages(room.pk),
    lambda room: cached.summary(room.group_id),
    lambda room: cached.user_feed(room.messages.using("replica").get().sender_id),
    lambda room: cached.global_feed(),
])
def test_from_the_standby(room: Room, load: Callable[[Room], object]) -> None:
    with CaptureQueriesContext(connections["default"]) as on_primary, \
            CaptureQueriesContext(connections["replica"]) as on_standby, reading_from("replica"):
        assert load(room) is not None
    assert not on_primary.captured_queries
    assert on_standby.captured_queries
