"""What a page of messages costs: the indexes, the partitions and the buffers that it takes, however deep it lies."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connections
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from foodshare.api.pagination import COUNT_CAP, Cursor, HistoryPagination
from foodshare.models import User
from foodshare.models.social import Profile
from groups.models import CommunityGroup, Message, Room
from groups.queries import chat
from tests.groups.partitions.tools import tables_of

pytestmark = [pytest.mark.django_db(databases=["default", "owner"]), pytest.mark.usefixtures("as_new")]
MONTHS, PEOPLE = 12, 300
BOUND = 700  # buffers of a page: of fifty messages each, its sender and the sender's profile by their keys
COUNT_BOUND = 1400  # buffers of a count up to the cap, of rows that no vacuum has seen
RATIO = 1.5  # of a deep page's buffers to the first one's

# Keys as new_key makes them, but for chance. Six of seven messages are in the first room.
FILL = """
    INSERT INTO messages (id, created_at, room_id, sender_id, content)
    SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0')
            || '70008' || lpad(to_hex(n), 15, '0'))::uuid, at,
           (%(rooms)s::uuid[])[1 + n %% 7 / 6], (%(senders)s::uuid[])[1 + n %% %(people)s],
           'Two loaves of rye, to be fetched until six'
    FROM (SELECT n, date_trunc('milliseconds', now() AT TIME ZONE 'UTC' - n * %(step)s::interval) AS at
          FROM generate_series(1, %(number)s) AS n) AS t
"""
Fill = Callable[..., QuerySet[Message]]


@pytest.fixture
def fill() -> Fill:
    """Spreads so many messages over so many days; gives those of the busy room. Rolled back with all that it makes."""

    def run(number: int, days: int = 350) -> QuerySet[Message]:
        people = User.objects.using("owner").bulk_create(User(name=f"Person {n}") for n in range(PEOPLE))
        Profile.objects.using("owner").bulk_create(Profile(user=person, location_city="Utrecht") for person in people)
        group = CommunityGroup.objects.using("owner").create(name="Bread savers", group_type="community")
        rooms = [Room.objects.using("owner").create(group=group, name=name) for name in ("Busy", "Quiet")]
        with connections["owner"].cursor() as cursor:
            cursor.execute("SELECT create_monthly_partition((now() AT TIME ZONE 'UTC' - n * interval '1 month')::date) "
                           "FROM generate_series(1, %s) AS n", [MONTHS])
            cursor.execute(FILL, {"rooms": [room.pk for room in rooms], "senders": [person.pk for person in people],
                                  "people": PEOPLE, "number": number, "step": f"{days * 86_400 / number} seconds"})
            cursor.execute("ANALYZE messages, users, profiles")
        return chat.history(room=rooms[0].pk).using("owner")

    return run


def plans(work: Callable[[], object]) -> list[dict[str, Any]]:
    """The plans of the statements that `work` sends, as carried out once more; an estimate only plans."""
    with CaptureQueriesContext(connections["owner"]) as captured:
        work()
    found = []
    with connections["owner"].cursor() as cursor:
        for query in captured.captured_queries:
            if query["sql"].startswith("EXPLAIN"):
                continue
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {query['sql']}")
            ((explained,),) = cursor.fetchall()
            (plan,) = json.loads(explained) if isinstance(explained, str) else explained
            found.append(plan["Plan"])
    return found


def buffers(found: list[dict[str, Any]]) -> int:
    """How many 8 kB pages the statements touched."""
    return sum(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] for plan in found)


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for child in plan.get("Plans", []) for node in nodes(child))]


def months(plan: dict[str, Any]) -> set[str]:
    """The partitions of messages that a plan reads, without those to come."""
    now = f"messages_y{datetime.now(UTC):%Ym%m}"
    return {name for name in tables_of(plan) if name.startswith("messages_") and name <= now}


def page_at(messages: QuerySet[Message], depth: int, backwards: bool = False) -> list[dict[str, Any]]:
    """The plans of the page that lies so many messages deep."""
    row = messages.order_by("-created_at", "-id")[depth] if depth else None
    cursor = Cursor(backwards, False, [row.created_at, row.pk]) if row else None
    return plans(lambda: HistoryPagination().read(messages, cursor, 50))


def assert_by_index(plan: dict[str, Any]) -> None:
    """Messages come in the order of the page's index, of few months."""
    found = nodes(plan)
    assert not [node for node in found if "Sort" in node["Node Type"]]
    reads = [node for node in found if node.get("Relation Name", "").startswith("messages_")]
    assert {node["Node Type"] for node in reads} == {"Index Scan"}
    assert all(node["Index Name"].endswith("created_at_id_idx") for node in reads)  # either; most rows are the room's
    assert 1 <= len(months(plan)) <= 2


def assert_cheap_at_any_depth(messages: QuerySet[Message], depths: list[int]) -> None:
    first = page_at(messages, 0)
    others = [page_at(messages, depth, backwards) for depth in depths for backwards in (False, True)]
    for page in (first, *others):
        (plan,) = page  # one statement a page
        assert_by_index(plan)
        assert buffers(page) <= BOUND
    assert max(buffers(page) for page in others) <= RATIO * buffers(first)


def test_ten_thousand_messages(fill: Fill) -> None:
    assert_cheap_at_any_depth(fill(10_000, days=100), [2_000, 4_000, 7_000])


@pytest.mark.slow
def test_a_hundred_thousand_messages(fill: Fill) -> None:
    assert_cheap_at_any_depth(fill(100_000), [5_000, 40_000, 70_000])


@pytest.mark.slow
def test_half_a_million_messages_deep(fill: Fill) -> None:
    assert_cheap_at_any_depth(fill(600_000), [20_000, 250_000, 500_000])


def test_where_little_is_written_the_page_is_filled_from_afar(fill: Fill) -> None:
    """Seven messages a month: the window widens once, and then to the end."""
    messages = fill(100)
    page = HistoryPagination().read(messages, None, 50)[0]
    assert page == list(messages.order_by("-created_at", "-id")[:50])
    assert len(page_at(messages, 0)) == 2
    assert HistoryPagination().read(messages, None, 99)[0] == list(messages.order_by("-created_at", "-id"))


def counting(messages: QuerySet[Message]) -> list[dict[str, Any]]:
    paginator = HistoryPagination()
    paginator.has_next, paginator.has_previous, paginator.cursor = True, False, None
    found = plans(lambda: paginator.count(messages))
    assert paginator.count(messages)[1] is (len(messages.order_by("id")[:COUNT_CAP + 1]) <= COUNT_CAP)
    return found


@pytest.mark.parametrize("number", [1_000, 10_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_a_count_reads_no_more_than_the_cap(number: int, fill: Fill) -> None:
    found = counting(fill(number))
    assert buffers(found) <= COUNT_BOUND
    assert len(months(found[0])) <= 2  # the newest are counted first


@pytest.mark.slow
def test_past_the_cap_the_count_is_estimated(fill: Fill) -> None:
    messages, paginator = fill(100_000), HistoryPagination()
    paginator.has_next, paginator.has_previous, paginator.cursor = True, False, None
    counted, is_exact = paginator.count(messages)
    assert counted == pytest.approx(100_000 * 6 / 7, rel=0.1)
    assert is_exact is False


@pytest.mark.parametrize("number", [10_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_from_a_message_on_is_as_cheap(number: int, fill: Fill) -> None:
    """`around` and `after`, in a room's middle."""
    messages = fill(number, days=number // 300)
    row = messages.order_by("-created_at", "-id")[number // 2]
    place = [row.created_at, row.pk]
    reader = HistoryPagination()
    around = plans(lambda: (reader.read(messages, Cursor(True, False, place), 25),
                            reader.read(messages, Cursor(False, True, place), 25)))
    assert len(around) == 2
    assert buffers(around) <= BOUND
    for plan in around:
        assert_by_index(plan)
