"""What it costs to tell how the places of a page stand, however much is written in them."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection

from foodshare.db.keys import new_key
from groups.models import Room
from groups.queries import chat
from tests.factories import later, make_group, make_member
from tests.plans import buffers, tables

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_new")]
ROOMS = 20
BOUND = 2_500  # buffers: of each room at most MOST_LOOKED_AT messages, wherever they lie

# Evenly over the present month up to now, and over all rooms.
FILL = """
    INSERT INTO messages (id, created_at, room_id, sender_id, content)
    SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0')
            || '70008' || lpad(to_hex(n), 15, '0'))::uuid,
           at, (%(rooms)s::uuid[])[1 + n %% %(number)s], %(sender)s, 'Two loaves of rye, to be fetched until six'
    FROM (SELECT n, date_trunc('month', now() AT TIME ZONE 'UTC') + (now() AT TIME ZONE 'UTC' - date_trunc('month',
                 now() AT TIME ZONE 'UTC')) * n / %(messages)s AS at FROM generate_series(1, %(messages)s) AS n) AS t
"""


@pytest.mark.parametrize("messages", [10_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_it_is_bounded_whatever_is_unread(messages: int) -> None:
    group = make_group()
    reader, writer = make_member(group), make_member(group)
    group.memberships.update(created_at=later(days=-60))
    rooms = Room.objects.bulk_create(Room(group=group, name=f"Room {n}", last_message_at=later()) for n in range(ROOMS))
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"rooms": [room.pk for room in rooms], "number": ROOMS, "sender": writer.pk,
                              "messages": messages})
        cursor.execute("UPDATE rooms SET last_message_at = (SELECT max(created_at) FROM messages "
                       "WHERE room_id = rooms.id) WHERE name LIKE 'Room %'")
    found: list[Any] = list(chat.rooms_for(reader).filter(name__startswith="Room "))
    look = partial(chat.attach_standings, "room", found, reader)
    assert buffers(look) < BOUND
    assert len(tables(look, "messages")) <= 4
    assert {room.standing.unread for room in found} == {chat.MOST_UNREAD + 1}
    for room in found:  # and when all but the last minute is read
        room.last_read = new_key(room.last_message_at - timedelta(minutes=1))
    assert buffers(look) < BOUND / 2
    assert tables(look, "messages") == {f"messages_y{later():%Ym%m}"}
