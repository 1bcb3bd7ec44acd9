"""The critical queries are planned as the repository says; an index that is gone shows, with the two side by side."""

from collections.abc import Iterator
from itertools import chain

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker

from ops.monitoring import plans
from ops.monitoring.plans import Captured, baseline
from tests.databases import pristine, run, scratch_database

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def captured(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Captured]:
    """What the critical queries send, in a database of this file's own."""
    owner = connections["owner"]
    with django_db_blocker.unblock(), scratch_database("plans", template=pristine(owner.settings_dict["NAME"])):
        if plans.version_of(owner) < plans.OLDEST:
            pytest.skip("the planner of this server cannot be made to forget rows: there is no baseline for it")
        yield plans.capture()


def differences(captured: Captured) -> list[plans.Difference]:
    was = baseline.read(plans.version_of(connections["owner"]))
    assert was is not None
    return plans.compare(was, plans.plan(captured))


def test_critical_queries_are_planned_as_recorded(captured: Captured) -> None:
    assert ["\n".join(each.side_by_side()) for each in differences(captured)] == []


def test_none_reads_a_table_whole(captured: Captured) -> None:
    shapes = [shape for planned in plans.plan(captured).values() for shape in planned.shapes]
    assert len(shapes) > 100
    assert [line for line in chain.from_iterable(shapes) if "Seq Scan" in line] == []


@pytest.mark.parametrize(("index", "query"), [
    ("food_posts_group_id_created_at_id_idx", "food posts: a group's list"),
    ("messages_room_page_idx", "chat: a room's newest"),
    ("idx_reputation_events_user_recent", "reputation: one's own events"),
])
def test_an_index_that_is_gone_shows(captured: Captured, index: str, query: str) -> None:
    definition = drop(index)
    try:
        found = [each for each in differences(captured) if each.query == query]
    finally:
        run(definition)
    assert found
    for each in found:
        assert (index in "\n".join(each.was), index in "\n".join(each.now)) == (True, False)
        assert any(line.startswith("!") and index in line for line in each.side_by_side())
    assert differences(captured) == []


def drop(index: str) -> str:
    """Take the index away; return what brings it back."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pg_get_indexdef(%s::regclass)", [index])
        (definition,) = cursor.fetchone()
        cursor.execute(f"DROP INDEX {index}")
    return str(definition).replace(" ON ONLY ", " ON ")
