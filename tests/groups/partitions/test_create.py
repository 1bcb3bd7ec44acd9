"""Making partitions: names, bounds, again, and what stands in the way."""

from datetime import date

import pytest
from django.db import connections
from django.db.utils import DataError, IntegrityError, ProgrammingError

from groups.models import ForumCategory
from groups.partitions import (
    FORUM_POSTS,
    MESSAGES,
    STATUS_UPDATES,
    Partitioning,
    Period,
    make_category_partitions,
    make_partition,
)
from tests.databases import rows, run
from tests.groups.partitions.tools import partitions

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
BOUNDS = "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname = %s"


def make_category(slug: str = "recipes") -> ForumCategory:
    return ForumCategory.objects.using("owner").create(slug=slug, name=slug.title())


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Auckland"])
@pytest.mark.parametrize(("function", "day", "name", "bounds"), [
    ("create_monthly_partition", "2028-02-29", "messages_y2028m02", ("2028-02-01", "2028-03-01")),
    ("create_monthly_partition", "2030-12-31", "messages_y2030m12", ("2030-12-01", "2031-01-01")),
    ("create_weekly_partition", "2031-01-01", "status_updates_y2031w01", ("2030-12-30", "2031-01-06")),
    ("create_weekly_partition", "2033-01-01", "status_updates_y2032w53", ("2032-12-27", "2033-01-03")),
])
def test_names_and_bounds_in_any_time_zone(function: str, day: str, name: str, bounds: tuple[str, str],
                                           zone: str) -> None:
    run(f"SET LOCAL TimeZone = '{zone}'")
    run(f"SELECT {function}(%s::date)", day)
    first, following = bounds
    assert rows(BOUNDS, name) == [(f"FOR VALUES FROM ('{first} 00:00:00') TO ('{following} 00:00:00')",)]


@pytest.mark.parametrize(("partitioning", "first"), [(MESSAGES, date(2031, 5, 1)), (STATUS_UPDATES, date(2031, 5, 5)),
                                                     (FORUM_POSTS, date(2031, 5, 1))])
def test_may_be_made_again(partitioning: Partitioning, first: date) -> None:
    slug = make_category().slug if partitioning.by_category else ""
    for _ in range(2):
        make_partition(connections["owner"], partitioning, first, slug)
    table = f"{partitioning.table}_{slug}".removesuffix("_")
    assert rows("SELECT count(*) FROM pg_class WHERE relname = %s", partitioning.period.name_of(table, first)) == [(1,)]


def test_a_category_gets_this_month_and_those_ahead() -> None:
    make_category_partitions(connections["owner"], make_category().slug, date(2031, 11, 30))
    assert owners("forum_posts") == [f"forum_posts_recipes_y{month}" for month in
                                     ("2031m11", "2031m12", "2032m01", "2032m02")]


def owners(table: str) -> list[str]:
    return [name for (name,) in rows("SELECT relid::regclass::text FROM pg_partition_tree(%s) WHERE isleaf "
                                     "AND level > 0 ORDER BY 1", table)]


def test_of_two_categories_each_has_its_own() -> None:
    for slug in ("recipes", "tools"):
        make_category_partitions(connections["owner"], make_category(slug).slug, date(2031, 11, 30))
    assert len(owners("forum_posts")) == 8
    assert len(owners("forum_posts_tools")) == 4


def test_a_table_of_that_name_is_in_the_way() -> None:
    run("CREATE TABLE messages_y2031m05 ()")
    with pytest.raises(ProgrammingError, match="messages_y2031m05 exists and is no partition of messages"):
        make_partition(connections["owner"], MESSAGES, date(2031, 5, 1))


def test_a_detached_category_is_in_the_way() -> None:
    make_category_partitions(connections["owner"], make_category().slug, date(2031, 11, 30))
    run("ALTER TABLE forum_posts DETACH PARTITION forum_posts_recipes")
    with pytest.raises(ProgrammingError, match="forum_posts_recipes exists and is no partition of forum_posts"):
        make_category_partitions(connections["owner"], "recipes", date(2032, 11, 30))


def test_a_category_called_like_a_partition_is_refused() -> None:
    make_category("recipes_y2032m05")
    with pytest.raises(DataError, match="cannot be called 'recipes_y2032m05'"):
        make_category_partitions(connections["owner"], "recipes_y2032m05", date(2031, 11, 30))


def test_an_unknown_category_is_refused() -> None:
    with pytest.raises(ProgrammingError, match="no forum category 'nowhere'"):
        make_category_partitions(connections["owner"], "nowhere", date(2031, 11, 30))


def test_a_row_beyond_the_last_partition_is_refused() -> None:
    with pytest.raises(IntegrityError, match="no partition of relation"):
        run("INSERT INTO messages (id, created_at, sender_id, content) "
            "VALUES (gen_random_uuid(), '2050-01-01', gen_random_uuid(), 'x')")


def test_the_first_partitions_come_with_the_migration() -> None:
    assert len(partitions("messages")) == 4
    assert len(partitions("status_updates")) == 9


@pytest.mark.parametrize(("name", "first"), [("messages_y2028m02", date(2028, 2, 1)), ("messages_y2028m13", None),
                                             ("messages_y2028w02", None), ("messages_y28m02", None), ("messages", None),
                                             ("messages_y0000m01", None), ("messages_y2028m02_old", None)])
def test_a_months_name_is_read(name: str, first: date | None) -> None:
    assert Period.MONTH.named(name) == first


@pytest.mark.parametrize(("name", "first"), [("x_y2032w53", date(2032, 12, 27)), ("x_y2031w53", None),
                                             ("x_y2031w01", date(2030, 12, 30)), ("x_y2031w00", None)])
def test_a_weeks_name_is_read(name: str, first: date | None) -> None:
    assert Period.WEEK.named(name) == first


def test_periods_follow_one_another() -> None:
    for period in Period:
        first = period.first(date(2027, 12, 28))
        for count in range(120):
            following = period.shift(first, 1)
            assert period.first(following) == following
            assert period.shift(following, -1) == first
            assert period.named(period.name_of("x", first)) == first
            assert period.shift(period.first(date(2027, 12, 28)), count) == first
            first = following
