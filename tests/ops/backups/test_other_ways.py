"""The log goes another way than the archive: a slot is lost, a standby is promoted."""

from pathlib import Path

import pytest
from pytest_django import Settings

from ops import servers
from ops.backups.receiver import SLOT, Receiver
from ops.backups.restore import restore
from ops.backups.schedule import is_usable
from ops.backups.source import Source
from ops.backups.status import missing_after
from ops.backups.store import Store
from ops.backups.take import take
from ops.servers.state import free_ports
from tests.ops.backups.conftest import remove
from tests.ops.backups.tools import Place, execute, started, wait_for


@pytest.mark.slow
def test_a_gap_after_a_lost_slot_is_named_and_the_next_backup_ends_it(place: Place) -> None:
    with place.archiving():
        backup, _ = take(place.source, place.store)
    place.superuser("ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'")
    place.superuser("ALTER SYSTEM SET wal_keep_size = 0")
    place.superuser("SELECT pg_reload_conf()")
    for _ in range(3):
        place.switch_segment()

    def is_lost() -> bool:
        place.superuser("CHECKPOINT")
        slot = place.source.slot(SLOT)
        return slot is not None and slot.lost

    wait_for(is_lost)
    place.superuser("ALTER SYSTEM RESET ALL")
    place.superuser("SELECT pg_reload_conf()")
    with place.archiving() as receiver:
        assert missing_after(place.store, backup)
        assert not is_usable(place.store, backup)
        following, _ = take(place.source, place.store)
        place.archived(receiver)
        assert is_usable(place.store, following)


@pytest.mark.slow
def test_the_archive_follows_a_failover(tmp_path: Path, workroom: Path, settings: Settings) -> None:
    place = Place(tmp_path / "data", Store(tmp_path / "backups"))
    settings.FOODSHARE_DATA_DIR = place.data_dir
    servers.start(place.data_dir)
    try:
        place.run("CREATE TABLE loaves (id bigint PRIMARY KEY)")
        receiver = Receiver(place.source, place.store)
        place.archived(receiver)
        take(place.source, place.store)
        place.run("INSERT INTO loaves VALUES (1)")
        place.archived(receiver)
        standby = place.state.url("replica", "postgres")
        execute(standby, "SELECT pg_promote()")
        receiver.stop()
        url = place.state.url("replica", "foodshare_owner")
        receiver = Receiver(Source(place.state.url("replica", "foodshare_replication"), url), place.store)
        wait_for(lambda: not receiver.work() and receiver.child is not None)
        execute(url, "INSERT INTO loaves VALUES (2)")
        wait_for(lambda: receiver.work() or slot_behind(receiver) == 0)
        receiver.stop()
        restored = restore(place.store, workroom / "data")
        [port] = free_ports(1)
        with started(restored, place, port) as copy:
            assert execute(copy, "SELECT id FROM loaves ORDER BY id") == [(1,), (2,)]
    finally:
        remove(place.data_dir)


def slot_behind(receiver: Receiver) -> int | None:
    slot = receiver.source.slot(SLOT)
    return slot.behind if slot else None
