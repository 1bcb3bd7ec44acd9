"""The log goes another way than the archive: a slot is lost, a standby is promoted."""

import re
import shutil
from pathlib import Path

import pytest

from ops import servers
from ops.backups.errors import BackupError, NotIncremental
from ops.backups.places import Segment, lsn
from ops.backups.receiver import SLOT, Receiver
from ops.backups.recovery import plan
from ops.backups.restore import Restored, restore
from ops.backups.schedule import is_usable
from ops.backups.source import Source
from ops.backups.status import missing_after
from ops.backups.take import take
from ops.servers.state import free_ports
from tests.ops.backups.tools import Place, started, wait_for
from tests.servers.tools import execute


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
def test_the_archive_follows_a_failover(place: Place, workroom: Path) -> None:
    with place.archiving() as receiver:
        take(place.source, place.store)
        place.run("INSERT INTO loaves VALUES (1)")
        place.archived(receiver)
        execute(place.state.url("replica", "postgres"), "SELECT pg_promote()")
    url = place.state.url("replica", "foodshare_owner")
    receiver = Receiver(Source(place.state.url("replica", "foodshare_replication"), url), place.store)
    try:
        wait_for(lambda: not receiver.work() and receiver.child is not None)
        execute(url, "INSERT INTO loaves VALUES (2)")
        wait_for(lambda: not receiver.work() and slot_behind(receiver) == 0)
    finally:
        receiver.stop()
        servers.start(place.data_dir)  # makes the old primary's standby anew
    restored = restore(place.store, workroom / "data")
    [port] = free_ports(1)
    with started(restored, place, port) as copy:
        assert execute(copy, "SELECT id FROM loaves ORDER BY id") == [(1,), (2,)]


def slot_behind(receiver: Receiver) -> int | None:
    slot = receiver.source.slot(SLOT)
    return slot.behind if slot else None


@pytest.mark.slow
def test_a_restored_copy_in_service_is_backed_up_anew_and_both_ways_are_restored(place: Place, workroom: Path) -> None:
    with place.archiving() as receiver:
        first, _ = take(place.source, place.store)
        before = place.now()
        place.run("INSERT INTO loaves VALUES (100, 'of the way that is left')")
        between = place.now()
        place.run("DROP TABLE loaves")
        for _ in range(3):  # the log of the new way will be far behind the end of this one
            place.switch_segment()
        late, _ = take(place.source, place.store)
        place.archived(receiver)
    put_into_service(place, restore(place.store, workroom / "data", before))
    with pytest.raises(NotIncremental, match=f"{late.name} is of before the server went another way"):
        take(place.source, place.store, "incremental")
    with place.archiving() as receiver:
        wait_for(lambda: not receiver.work() and place.store.is_left_behind(late))
        assert not is_usable(place.store, late)
        following, why = take(place.source, place.store)
        place.run("INSERT INTO loaves VALUES (1)")
        place.archived(receiver)
    history = place.source.identify().history
    beginning = Segment(history.begin // first.segment_size, following.timeline)
    assert beginning in place.store.archive(first).files()
    assert beginning.number < following.start_segment
    assert missing_after(place.store, first) is None
    assert following.kind == "full", why
    assert following.timeline == first.timeline + 1
    assert lsn(following.stop) < lsn(late.start)
    restored = restore(place.store, workroom / "again")
    assert (restored.backup, restored.timeline, restored.forks) == (following, following.timeline, [])
    with started(restored, place, *free_ports(1)) as copy:
        assert execute(copy, "SELECT id FROM loaves") == [(1,)]
    left = restore(place.store, workroom / "left", between, timeline=first.timeline)
    assert (left.backup, left.timeline, left.fault) == (first, first.timeline, "")
    [fork] = left.forks
    assert re.fullmatch(rf"timeline {following.timeline} left timeline {first.timeline} at [0-9A-F]+/[0-9A-F]+, "
                        r"before \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+\+00", fork)
    with started(left, place, *free_ports(1)) as copy:
        assert execute(copy, "SELECT id FROM loaves") == [(100,)]
    assert plan(place.store, between).history.timeline == following.timeline
    assert plan(place.store, timeline=first.timeline).backup == late
    with pytest.raises(BackupError, match=f"leads to timeline 99, but to {first.timeline}, {following.timeline}$"):
        plan(place.store, timeline=99)


def put_into_service(place: Place, restored: Restored) -> None:
    """As the command tells."""
    servers.stop(place.data_dir)
    primary = Path(place.state.home) / "primary"
    shutil.rmtree(primary)
    shutil.move(restored.directory, primary)
    servers.start(place.data_dir)
