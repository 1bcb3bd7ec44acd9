"""A room, and somebody who writes in it."""

import pytest

from foodshare.models import User
from groups.models import Room
from tests.factories import make_member, make_room


@pytest.fixture
def room(db: None) -> Room:
    return make_room()


@pytest.fixture
def author(room: Room) -> User:
    return make_member(room.group)
