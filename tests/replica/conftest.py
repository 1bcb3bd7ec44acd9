"""What is cached, by whom it is heard, and a real standby: for tests of who reads which server."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.conf import settings as configured
from django.db import connections
from pytest_django import Settings

from foodshare.db import router
from ops.servers.state import load
from tests.cache.conftest import Cache, cache, committed, person, valkey, valkeys, wait_until
from tests.factories import make_user
from tests.groups.standby import caught_up

__all__ = ["cache", "committed", "person", "valkey", "valkeys"]


@pytest.fixture
def known(cache: Cache, settings: Settings) -> Cache:
    """It is known of everybody what they wrote, and a standby that is held back is not left out."""
    settings.LAG_LIMIT = 600.0
    return cache


def follow(cache: Cache) -> None:
    """All that was committed is delivered and replayed."""
    cache.deliver()
    make_user()  # with which the log's end is sent
    caught_up()


def servers_of(request: Callable[[], Any]) -> set[str]:
    """Which servers a request read, that succeeded."""
    assert request().status_code == 200
    return router.reading().sources


@contextmanager
def held_back() -> Iterator[None]:
    """The standby goes on answering, and shows nothing newer than now."""
    state = load(configured.FOODSHARE_DATA_DIR)
    assert state is not None
    with psycopg.connect(state.url("replica", "postgres"), autocommit=True) as standby:
        standby.execute("SELECT pg_wal_replay_pause()")
        try:
            wait_until(lambda: standby.execute("SELECT pg_get_wal_replay_pause_state()").fetchone() == ("paused",))
            yield
        finally:
            standby.execute("SELECT pg_wal_replay_resume()")


@contextmanager
def statements(alias: str) -> Iterator[list[str]]:
    """What is sent to a server in the block."""
    seen: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(sql)
        return execute(sql, params, many, context)

    with connections[alias].execute_wrapper(note):
        yield seen
