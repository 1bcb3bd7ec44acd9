"""verify_schema judges partitions: their bounds by their names, and that there is a present one."""

import pytest
from django.db import connections
from pytest_django import Settings

from groups.partitions import MESSAGES, STATUS_UPDATES
from ops.partitions.layout import Told
from ops.verification import Finding, verify
from tests.databases import run
from tests.ops.partitions.tools import layout, open_category, shifted

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


def found() -> list[Finding]:
    return [finding for finding in verify(connections["owner"], connections["default"]) if finding.fails]


def seen() -> list[tuple[str, str, str]]:
    return [(finding.kind, finding.name, str(finding.state)) for finding in found()]


def month(count: int, table: str = "messages") -> Told:
    return Told(MESSAGES, table, shifted(MESSAGES, count))


def test_every_partition_is_judged() -> None:
    open_category()
    judged = {finding.name for finding in verify(connections["owner"], connections["default"])
              if finding.kind == "partition"}
    assert judged == {partition.name for partition in layout().partitions}
    assert len(judged) > 4 + 9 + 4
    assert found() == []


def test_a_missing_present_partition() -> None:
    run(f"DROP TABLE {month(0).name}")
    assert seen() == [("partition", month(0).name, "MISSING")]


def test_the_missing_partitions_of_an_open_category() -> None:
    run("INSERT INTO forum_categories (slug, name, opened_at) VALUES ('tools', 'Tools', now()), ('odds', 'Odds', NULL)")
    assert seen() == [("partition", month(0, "forum_posts_tools").name, "MISSING")]


def test_bounds_that_do_not_fit_the_name() -> None:
    name, first = month(4).name, shifted(MESSAGES, 4)
    run(f"CREATE TABLE {name} PARTITION OF messages FOR VALUES FROM ('{first}') TO ('{shifted(MESSAGES, 6)}')")
    [finding] = found()
    assert (finding.kind, finding.name, finding.state) == ("partition", name, "DIFFERENT")
    assert finding.expected == month(4).bounds
    assert finding.found == f"FOR VALUES FROM ('{first} 00:00:00') TO ('{shifted(MESSAGES, 6)} 00:00:00')"


@pytest.mark.parametrize("bounds", ["DEFAULT", "FOR VALUES FROM ('2001-01-01') TO ('2001-02-01')"])
def test_a_partition_whose_name_tells_nothing(bounds: str) -> None:
    run(f"CREATE TABLE messages_rest PARTITION OF messages {bounds}")
    assert seen() == [("partition", "messages_rest", "EXTRA")]


def test_a_detached_partition_is_a_table_too_many_unless_it_is_past_its_time(settings: Settings) -> None:
    old = Told(STATUS_UPDATES, "status_updates", shifted(STATUS_UPDATES, -9)).name
    run(f"CREATE TABLE {old} ()")
    assert seen() == [("table", old, "EXTRA")]
    settings.PARTITION_KEEP = settings.PARTITION_KEEP | {"status_updates": 8}
    assert seen() == []
