"""The live process's two statements read by index, in the partitions of the time asked for, however much there is."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from foodshare.models import User
from groups.models import CommunityGroup, Conversation, Membership, Participant, Room
from ops.live.store import BACKLOG, PLACES
from tests.groups.partitions.tools import tables_of

BUFFERS = 120
ROOMS, OWN = 60, 4
WRITE = """
    INSERT INTO messages (id, created_at, room_id, conversation_id, sender_id, type, content)
    SELECT gen_random_uuid(), %(now)s::timestamp - make_interval(secs => n * 0.5), (%(rooms)s)[1 + n %% 60], NULL,
           %(sender)s, 'TEXT', 'some words'
    FROM generate_series(0, %(number)s - 1) AS n
"""


@pytest.fixture
def owner(database: None, as_new: None) -> Iterator[BaseDatabaseWrapper]:
    """The owner's connection, which may ANALYZE; all that is written is taken back."""
    with transaction.atomic(using="owner"):
        yield connections["owner"]
        transaction.set_rollback(True, using="owner")


def explain(connection: BaseDatabaseWrapper, statement: str, values: dict[str, Any]) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", values)
        (found,) = cursor.fetchone()
    [explained] = found if isinstance(found, list) else json.loads(found)
    plan: dict[str, Any] = explained["Plan"]
    return plan


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def buffers(plan: dict[str, Any]) -> int:
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


@pytest.mark.parametrize("number", [10_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_the_backlog(owner: BaseDatabaseWrapper, number: int) -> None:
    sender = User.objects.using("owner").create(name="Sender")
    group = CommunityGroup.objects.using("owner").create(name="Group", group_type="community")
    rooms = Room.objects.using("owner").bulk_create(Room(group=group, name=str(n)) for n in range(ROOMS))
    now = datetime.now(UTC).replace(tzinfo=None)
    with owner.cursor() as cursor:
        cursor.execute(WRITE, {"now": now, "rooms": [room.pk for room in rooms], "sender": sender.pk, "number": number})
        cursor.execute("ANALYZE messages")
    since, until = now - timedelta(minutes=10), now + timedelta(days=1)
    plan = explain(owner, BACKLOG, {"rooms": [room.pk for room in rooms[:OWN]], "conversations": [], "limit": 501,
                                    "since": since, "until": until})
    assert plan["Actual Rows"] == pytest.approx(OWN * 600 * 2 / ROOMS, abs=OWN)
    assert tables_of(plan) <= {f"messages_y{at:%Y}m{at:%m}" for at in (since, until)}
    assert {node["Node Type"] for node in nodes(plan) if node.get("Relation Name") and node["Actual Loops"]} \
        <= {"Index Scan", "Bitmap Heap Scan"}
    assert buffers(plan) < BUFFERS


@pytest.mark.slow
def test_the_places_of_a_person(owner: BaseDatabaseWrapper) -> None:
    person = User.objects.using("owner").create(name="Person", sharing_mode="community")
    others = User.objects.using("owner").bulk_create(User(name=str(n)) for n in range(300))
    groups = CommunityGroup.objects.using("owner").bulk_create(
        CommunityGroup(name=str(n), group_type="community") for n in range(1500))
    Room.objects.using("owner").bulk_create(Room(group=group, name=f"{group.name}.{n}")
                                            for group in groups for n in range(2))
    Membership.objects.using("owner").bulk_create(
        [Membership(group=group, user=others[n * k % 300]) for n, group in enumerate(groups) for k in (1, 7)
         if n * 6 % 300]
        + [Membership(group=group, user=person) for group in groups[:5]])
    talks = Conversation.objects.using("owner").bulk_create(Conversation() for _ in range(1500))
    Participant.objects.using("owner").bulk_create(
        [Participant(conversation=talk, user=others[n % 300]) for n, talk in enumerate(talks)]
        + [Participant(conversation=talk, user=person) for talk in talks[:10]])
    with owner.cursor() as cursor:
        cursor.execute("ANALYZE users, community_groups, rooms, group_memberships, conversation_participants")
    plan = explain(owner, PLACES, {"person": person.pk})
    assert plan["Actual Rows"] == 1 + 5 + 10 + 10
    assert "Seq Scan" not in {node["Node Type"] for node in nodes(plan)}
    assert buffers(plan) < BUFFERS
