"""At whichever address of the API, nothing is written to a standby, and what writes reads nothing there."""

import re
from itertools import product
from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from foodshare.db import router
from tests.api.operations import Operation, operations, plain_value
from tests.api.test_every_address import World, paths, world
from tests.cache.conftest import Cache, cache, valkey, valkeys
from tests.groups.standby import needs_standby
from tests.replica.conftest import follow, statements

__all__ = ["cache", "valkey", "valkeys", "world"]
pytestmark = [needs_standby, pytest.mark.replica,
              pytest.mark.django_db(transaction=True, databases=["default", "owner", "replica"])]
SEARCHES = {"profiles": "?q=Ada", "presence": "?user={0}", "forum/threads": "?category=recipes",
            "forum/threads/top": "?category=recipes", "status-updates": "?author={0}"}
READS = re.compile(r"(\s|--.*\n)*(SELECT|WITH|SET LOCAL)\b")
WRITES = re.compile(r"\b(INSERT INTO|UPDATE \w|DELETE FROM|FOR (NO KEY )?UPDATE|FOR (KEY )?SHARE)\b")


def attempts(world: World, operation: Operation) -> list[tuple[APIClient, str]]:
    """The operation's address with everything in each of its places, by everybody."""
    query = SEARCHES.get(operation.route, "").format(*world.ids)
    return [(client, path + query) for client, path in product(world.clients, paths(operation, world.ids))]


@pytest.mark.slow
def test_reads_are_reads_and_of_one_server(world: World, cache: Cache, settings: Settings) -> None:
    settings.LAG_LIMIT = 600.0
    reads = [operation for operation in operations() if operation.method == "get"]
    with statements("replica") as asked:
        sources = {operation.route: sources_of(operation, world, cache) for operation in reads}
    assert [sql for sql in asked if not READS.match(sql) or WRITES.search(sql)] == []
    succeeded = {route for route, found in sources.items() if found}
    assert len(succeeded) > 25
    assert {route for route in succeeded if not is_spared(sources[route])} == set()


def is_spared(sources: list[set[str]]) -> bool:
    """Whether one of the reads left the primary alone: the standby, or the cache, served it."""
    return any(each <= {"replica"} for each in sources)


def sources_of(operation: Operation, world: World, cache: Cache) -> list[set[str]]:
    """What each read of it that succeeds was served by; of some more reads, as long as the primary served them all, as
    it does for a moment where a busy machine lets the standby be heard late."""
    found: list[set[str]] = []
    for _ in range(5):
        follow(cache)
        # twice, as what the cache never had comes from the primary
        found += [router.reading().sources for client, path in 2 * attempts(world, operation) if succeeds(client, path)]
        if not found or is_spared(found):
            break
    return found


def succeeds(client: APIClient, path: str) -> bool:
    status = client.get(path).status_code
    assert status < 500, path
    return status == 200


def test_what_writes_reads_no_standby(world: World, cache: Cache, settings: Settings) -> None:
    settings.LAG_LIMIT = 600.0
    follow(cache)
    with statements("replica") as asked:
        for operation in operations():
            if operation.method == "get":
                continue
            body: dict[str, Any] = {name: world.ids[0] if part.get("format") == "uuid" else plain_value(part)
                                    for name, part in operation.fields.items()}
            for client, path in attempts(world, operation)[:2]:
                getattr(client, operation.method)(path, body, format="json")
    assert [sql for sql in asked if "pg_is_in_recovery" not in sql and "knox_authtoken" not in sql] == []  # the cache's
