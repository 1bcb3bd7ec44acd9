"""Discovery is read from a standby, everything else of groups from the primary.

So is a summary that the cache cannot have, as here, where nobody delivers invalidations.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from groups.summary import refresh
from tests.factories import client_for, make_group, make_member, make_post
from tests.groups.standby import caught_up, needs_standby

pytestmark = [needs_standby, pytest.mark.replica]


def standby_reads(request: Callable[[], Any]) -> list[str]:
    """The tables of the statements that `request` sends to a server that is in recovery."""
    seen: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(sql)
        return execute(sql, params, many, context)

    standby = connections["replica"]
    with standby.execute_wrapper(note):
        assert request().status_code in {200, 201, 204}
    with standby.cursor() as cursor:
        cursor.execute("SELECT pg_is_in_recovery()")
        assert cursor.fetchone() == (True,)
    return seen


def test_the_view_is_read_from_the_standby(owner: BaseDatabaseWrapper) -> None:
    group = make_group()
    post = make_post(make_member(group), group)
    refresh(owner)
    caught_up()
    client = client_for(post.author)
    reads = standby_reads(lambda: client.get("/api/v1/groups/discover"))
    assert reads
    assert all("group_activity_summary" in sql for sql in reads)


@pytest.mark.parametrize("path", ["groups", "groups/{group}", "groups/{group}/members", "groups/{group}/summary"])
def test_the_rest_is_read_from_the_primary(owner: BaseDatabaseWrapper, path: str) -> None:
    group = make_group()
    client = client_for(make_member(group))
    assert standby_reads(lambda: client.get("/api/v1/" + path.format(group=group.pk))) == []


def test_writes_do_not_touch_the_standby(owner: BaseDatabaseWrapper) -> None:
    group = make_group()
    client = client_for(make_member(group))
    assert standby_reads(lambda: client.post(f"/api/v1/groups/{group.pk}/join")) == []
