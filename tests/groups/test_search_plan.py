"""The searches of groups by name are served by their index."""

import json
from typing import Any

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet

from groups.api.filters import DiscoverFilter, GroupFilter
from groups.queries import communities
from groups.summary import refresh
from tests.factories import make_user
from tests.groups.partitions.tools import plan_of
from tests.plans import vacuum_by

FILL = """INSERT INTO community_groups (name, group_type)
          SELECT 'Group of ' || md5(n::text), 'community' FROM generate_series(1, 10000) n"""
RARE = "SELECT split_part(name, ' ', 3) FROM community_groups LIMIT 1"


@pytest.fixture
def word(owner: BaseDatabaseWrapper) -> str:
    """A word that one of ten thousand groups has in its name."""
    with connections["default"].cursor() as cursor:
        cursor.execute(FILL)
    refresh(owner)
    with owner.cursor() as cursor:
        vacuum_by(cursor, "community_groups", "group_activity_summary")
        cursor.execute(RARE)
        ((found,),) = cursor.fetchall()
    return str(found)


def test_by_name_and_in_discovery(word: str) -> None:
    searches: list[tuple[Any, QuerySet[Any], str]] = [
        (GroupFilter, communities.groups_for(make_user()), "name"),
        (DiscoverFilter, communities.discover(), "food_posts_30d")]
    for filters, rows, order in searches:
        found = filters({"q": word}, rows).qs
        assert [plan for plan in (found.order_by(order)[:21], found.order_by())
                if "community_groups_name_search_idx" not in json.dumps(plan_of(plan))] == []
        assert len(found) == 1
