"""What a page of the feed reads: partitions and buffers, within bounds that do not grow with the table."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foodshare.models import User
from groups.models import StatusUpdate
from groups.queries import feed
from tests.databases import rows, run
from tests.factories import later, make_user
from tests.groups.feed.rows import befriend, make_people, tell
from tests.groups.partitions.tools import plan_of, tables_of

pytestmark = [pytest.mark.django_db(databases=["default", "owner"]), pytest.mark.usefixtures("as_new", "past")]
SIZES = [pytest.param(10_000, id="10k"), pytest.param(100_000, id="100k", marks=pytest.mark.slow)]
AUTHORS = 1000
SPREAD = 28 * 86_400.0  # seconds; a quarter of the larger size is more than a walk reads
PAGE = 21


def fill(size: int) -> list[User]:
    """`size` status updates by a thousand people in four weeks."""
    people, each = make_people(AUTHORS), size // AUTHORS
    tell(people, each, later(minutes=-1), SPREAD / each, in_turn=True)
    return people


def analyze() -> None:
    for table in ("users", "relationships", "status_updates"):
        run(f"ANALYZE {table}")


def plans(reader: User) -> list[dict[str, Any]]:
    """The plan, run, of each statement that the first page takes."""
    with CaptureQueriesContext(connection) as captured:
        feed.read(reader, PAGE)
    return [explain(each["sql"]) for each in captured.captured_queries]


def explain(statement: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement.replace('%', '%%')}")
        ((found,),) = cursor.fetchall()
    plan: dict[str, Any] = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return plan


def buffers(plan: dict[str, Any]) -> int:
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def partitions(plan: dict[str, Any]) -> set[str]:
    """The partitions that the statement was planned for."""
    return {name for name in tables_of(plan) if name.startswith("status_updates_")}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("friends", [pytest.param(3, marks=pytest.mark.slow), 500])
def test_a_page_of_busy_friends_is_walked(size: int, friends: int) -> None:
    """Beside what is walked, each friend costs up to one buffer, until VACUUM comes by."""
    reader, people = make_user(), fill(size)
    befriend(reader, people[:friends])
    tell(people[:friends], PAGE, later(), 60)
    analyze()
    (walk,) = plans(reader)
    assert partitions(walk) <= this_week_and_ahead()
    assert buffers(walk) < 250 + friends


@pytest.mark.parametrize("size", SIZES)
def test_dormant_friends_are_looked_up_in_stretches_each_of_its_own_weeks(size: int) -> None:
    reader, friends = make_user(), make_people(50)
    befriend(reader, friends)
    tell(friends, 3, later(weeks=-10), 3600)
    fill(size)
    analyze()
    walk, *looks = plans(reader)
    assert [len(partitions(look) - this_week_and_ahead()) for look in looks] == [0, 3, 13]
    assert buffers(walk) < 500
    for look, weeks in zip(looks, (2, 4, 13), strict=True):
        assert buffers(look) < 4 * 51 * weeks + 300


def test_who_has_no_friends_reads_little() -> None:
    reader = make_user()
    fill(10_000)
    analyze()
    assert [buffers(plan) < 300 for plan in plans(reader)] == [True] * 5


@pytest.mark.parametrize("column", ["author_id", "group_id"])
def test_lists_of_one_group_or_author_walk_its_index(column: str) -> None:
    people = fill(10_000)
    analyze()
    listed = StatusUpdate.objects.filter(**{column: people[0].pk}, created_at__gte=later(days=-7))
    plan = plan_of(listed.order_by("-created_at", "-id")[:PAGE])
    assert partitions(plan) <= this_week_and_ahead()
    assert f"_{column}_created_at_id_idx" in json.dumps(plan)


def this_week_and_ahead() -> set[str]:
    """The partitions that a stretch from a week ago on may hold."""
    names = rows("SELECT relid::regclass::text FROM pg_partition_tree('status_updates') WHERE isleaf")
    since = later(days=-7).isocalendar()
    return {name for (name,) in names if name >= f"status_updates_y{since.year}w{since.week:02}"}
