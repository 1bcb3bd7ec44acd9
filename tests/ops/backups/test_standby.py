"""Backups copied from a standby."""

from pathlib import Path

import pytest

from ops.backups.restore import restore
from ops.backups.take import take
from ops.servers.state import free_ports
from tests.ops.backups.tools import Place, started, wait_for
from tests.servers.tools import execute


def catch_up(place: Place) -> None:
    """A restart point on the standby, at a checkpoint of now."""
    place.superuser("CHECKPOINT")
    [[wanted]] = place.run("SELECT pg_current_wal_lsn()::text")
    url = place.state.url("replica", "postgres")
    wait_for(lambda: execute(url, "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", wanted) == [(True,)])


@pytest.mark.slow
def test_full_and_incremental_backups_of_a_standby_are_restored(place: Place, workroom: Path) -> None:
    with place.archiving() as receiver:
        place.run("INSERT INTO loaves VALUES (1, 'full')")
        catch_up(place)
        full, _ = take(place.source, place.store, from_replica=True)
        place.run("INSERT INTO loaves VALUES (2, 'incremental')")
        catch_up(place)
        incremental, why = take(place.source, place.store, from_replica=True)
        place.run("INSERT INTO loaves VALUES (3, 'log')")
        place.archived(receiver)
        restored = restore(place.store, workroom / "data")
    assert (full.kind, incremental.kind, incremental.parent, why) == ("full", "incremental", full.name, "")
    assert full.from_replica
    assert incremental.from_replica
    assert restored.fault == ""
    [port] = free_ports(1)
    with started(restored, place, port) as url:
        assert execute(url, "SELECT name FROM loaves ORDER BY id") == [("full",), ("incremental",), ("log",)]
        assert execute(url, "SELECT pg_is_in_recovery()") == [(False,)]


@pytest.mark.slow
def test_where_the_standby_stands_still_the_primary_is_copied(place: Place) -> None:
    take(place.source, place.store, from_replica=True)
    backup, why = take(place.source, place.store, from_replica=True)
    assert backup.kind == "incremental"
    assert not backup.from_replica
    assert "taken from the primary" in why
