"""Every fault of the partitions is found, and told with its remedy."""

from datetime import date

import pytest
from django.db import connections

from groups.partitions import FORUM_POSTS, MESSAGES, MOST_CATEGORIES, MOST_PARTITIONS, STATUS_UPDATES
from ops.partitions.findings import judge
from tests.databases import run
from tests.ops.partitions.tools import layout, made_at, make_person, open_category, shifted, write_status

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


def found(at: date | None = None) -> list[str]:
    return [str(finding) for finding in judge(connections["owner"], layout(), at or made_at())]


def month(count: int, table: str = "messages") -> str:
    return MESSAGES.period.name_of(table, shifted(MESSAGES, count))


def test_nothing_is_wrong_in_a_migrated_database() -> None:
    open_category()
    assert found() == []


def test_a_gap() -> None:
    run(f"DROP TABLE {month(1)}")
    [finding] = found()
    assert finding == (f"messages: no partition holds the time from {shifted(MESSAGES, 1)} 00:00:00 to "
                       f"{shifted(MESSAGES, 2)} 00:00:00; attach the one that did, or, if none did, run SELECT "
                       f"create_monthly_partition('{shifted(MESSAGES, 1)}'), once for each month")


def test_the_remedy_of_a_categorys_gap_mends_it() -> None:
    open_category()
    run(f"DROP TABLE {month(2, 'forum_posts_recipes')}")
    [finding] = found()
    remedy = finding.partition("run ")[2].partition(", once")[0]
    assert remedy == f"SELECT create_category_partition('recipes', '{shifted(MESSAGES, 2)}')"
    run(remedy)
    assert found() == []


def test_a_detached_partition_with_rows_and_its_remedy() -> None:
    write_status(make_person(), shifted(STATUS_UPDATES, 8))
    name = STATUS_UPDATES.period.name_of("status_updates", shifted(STATUS_UPDATES, 8))
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run(f"ALTER TABLE status_updates DETACH PARTITION {name}")
    [finding] = found()
    assert finding.startswith(f"{name}: has the name of a partition of status_updates, but is none, and holds rows; ")
    run(finding.partition("; ")[2].partition(", or")[0])
    assert found() == []


def test_an_empty_table_with_a_partitions_name() -> None:
    run("CREATE TABLE messages_y2020m01 ()")
    assert "messages_y2020m01: has the name of a partition of messages, but is none, and is empty" in found()[0]


def test_a_detached_category_and_its_remedy() -> None:
    open_category()
    run("ALTER TABLE forum_posts DETACH PARTITION forum_posts_recipes")
    [finding] = found()
    assert finding.startswith("forum_posts_recipes: has the name of a partition of forum_posts, but is none, and is e")
    run(finding.partition("; ")[2].partition(", or")[0])
    assert found() == []


@pytest.mark.parametrize("is_empty", [True, False])
def test_a_default_partition(is_empty: bool) -> None:
    run("CREATE TABLE status_updates_rest PARTITION OF status_updates DEFAULT")
    if not is_empty:
        write_status(make_person(), date(2020, 1, 1))
    [finding] = found()
    assert finding.startswith("status_updates_rest: is a default partition of status_updates, "
                              f"{'and is empty' if is_empty else 'and holds rows'}; ")


def test_bounds_that_do_not_fit_the_name() -> None:
    last = shifted(MESSAGES, 4)
    following = MESSAGES.period.shift(last)
    run(f"CREATE TABLE {month(4)} PARTITION OF messages FOR VALUES FROM ('{last}') TO ('{following} 12:00')")
    assert found() == [f"{month(4)}: is a partition FOR VALUES FROM ('{last} 00:00:00') TO ('{following} 12:00:00'), "
                       f"but by its name FOR VALUES FROM ('{last} 00:00:00') TO ('{following} 00:00:00'); detach it "
                       "from messages, and move its rows to partitions of their own"]


@pytest.mark.parametrize("name", ["messages_later", "messages_y2050w01", "status_updates_y2050m01"])
def test_a_partition_whose_name_tells_nothing(name: str) -> None:
    run(f"CREATE TABLE {name} PARTITION OF messages FOR VALUES FROM ('{shifted(MESSAGES, 4)}') TO (MAXVALUE)")
    [finding] = found()
    assert finding.startswith(f"{name}: is a partition of messages for values from ")


def test_a_category_that_was_renamed() -> None:
    open_category()
    run("UPDATE forum_categories SET slug = 'cooking'")
    assert any("forum_posts_recipes: is a partition of forum_posts for values in" in finding
               and "give its category the slug back" in finding for finding in found())


def test_one_future_partition_is_too_few() -> None:
    assert found(shifted(MESSAGES, 2))[0] == ("messages: has 1 future partitions, fewer than 2; "
                                              "run `manage.py maintain_partitions`")


def test_no_present_partition() -> None:
    at = shifted(MESSAGES, 4)
    assert f"messages: has no partition for the month of {at}, and takes no rows; run" in found(at)[0]


def test_more_categories_than_the_bound() -> None:
    for number in range(MOST_CATEGORIES + 1):
        open_category(f"c{number}")
    [finding] = found()
    assert finding.startswith("forum_posts: 13 categories are open, more than 12; ")


def test_more_partitions_than_the_bound() -> None:
    parts = (f"CREATE TABLE messages_y{2000 + n // 12}m{n % 12 + 1:02} PARTITION OF messages FOR VALUES "
             f"FROM ('{2000 + n // 12}-{n % 12 + 1}-1') TO ('{2000 + (n + 1) // 12}-{(n + 1) % 12 + 1}-1')"
             for n in range(MOST_PARTITIONS + 1))
    run("DROP TABLE messages; CREATE TABLE messages (created_at timestamp) PARTITION BY RANGE (created_at)")
    run("; ".join(parts))
    assert ("messages: has 601 partitions, more than 600; set MESSAGES_KEEP_MONTHS, so that old ones go"
            in found())


def test_an_empty_database_has_no_partitions_to_judge() -> None:
    at = made_at()
    for table in (MESSAGES.table, STATUS_UPDATES.table, FORUM_POSTS.table, "forum_threads", "forum_categories"):
        run(f"DROP TABLE {table}")
    assert found(at) == []
