"""Who reads the summary while its definition is swapped gets every row, every time, on primary and standby."""

import threading

import pytest
from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from groups.models import GroupActivitySummary
from groups.summary import refresh
from groups.summary_swap import swap
from tests.groups.datasets import Sizes, fill
from tests.groups.standby import caught_up, needs_standby

GROUPS = 5


class Reader(threading.Thread):
    """Reads the whole view in a loop, by a connection of its own that keeps its prepared statements."""

    def __init__(self, database: str) -> None:
        super().__init__()
        self.database = database
        self.seen: list[int] = []
        self.error: Exception | None = None
        self.stopping = threading.Event()

    def run(self) -> None:
        try:
            while not self.stopping.is_set():
                self.seen.append(len(GroupActivitySummary.objects.using(self.database)))
        except Exception as error:
            self.error = error
        finally:
            connections.close_all()


def swap_under_readers(owner: BaseDatabaseWrapper, databases: list[str]) -> list[Reader]:
    readers = [Reader(database) for database in databases]
    for reader in readers:
        reader.start()
    try:
        for definition in ("aggregated", "exact", "aggregated", "exact"):
            swap(owner, definition)
    finally:
        for reader in readers:
            reader.stopping.set()
            reader.join()
    return readers


def assert_unnoticed(readers: list[Reader]) -> None:
    for reader in readers:
        assert reader.error is None
        assert len(reader.seen) > 10
        assert set(reader.seen) == {GROUPS}


def test_on_the_primary(owner: BaseDatabaseWrapper) -> None:
    fill(Sizes(groups=GROUPS, exchanges=0), seed=1)
    refresh(owner)
    assert_unnoticed(swap_under_readers(owner, ["default", "default"]))


@needs_standby
@pytest.mark.replica
def test_on_the_standby(owner: BaseDatabaseWrapper) -> None:
    fill(Sizes(groups=GROUPS, exchanges=0), seed=1)
    refresh(owner)
    caught_up()
    assert_unnoticed(swap_under_readers(owner, [settings.REPLICA_ALIASES[0]]))
