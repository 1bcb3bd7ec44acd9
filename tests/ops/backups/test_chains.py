"""Full and incremental backups, what they are based on, and what is kept."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ops.backups.errors import NotIncremental
from ops.backups.restore import restore
from ops.backups.store import Verdict
from ops.backups.take import take
from ops.servers.state import free_ports
from tests.ops.backups.tools import Place, started
from tests.servers.tools import execute


@pytest.mark.slow
def test_a_chain_of_incremental_backups_is_restored(place: Place, workroom: Path) -> None:
    taken = []
    for number in range(3):
        place.run("INSERT INTO loaves SELECT n, 'rye' FROM generate_series(%s::int, %s::int) AS n",
                  number * 1000, number * 1000 + 999)
        taken.append(take(place.source, place.store)[0])
    assert [backup.kind for backup in taken] == ["full", "incremental", "incremental"]
    assert [backup.parent for backup in taken] == [None, taken[0].name, taken[1].name]
    assert taken[2].size < taken[0].size / 4
    restored = restore(place.store, workroom / "data")
    [port] = free_ports(1)
    with started(restored, place, port) as url:
        assert execute(url, "SELECT count(*) FROM loaves") == [(3000,)]


@pytest.mark.slow
def test_what_an_incremental_backup_is_not_based_on(place: Place) -> None:
    with pytest.raises(NotIncremental, match="there is no full backup of this server"):
        take(place.source, place.store, "incremental")
    full, why = take(place.source, place.store)
    assert "there is no full backup" in why
    place.store.judge(full, Verdict(datetime.now(UTC), False, ["gone"], None, 0.0))
    with pytest.raises(NotIncremental, match=f"{full.name} cannot be restored"):
        take(place.source, place.store, "incremental")
    assert take(place.source, place.store)[0].kind == "full"


@pytest.mark.slow
def test_what_is_no_longer_needed_goes_and_the_log_with_it(place: Place) -> None:
    with place.archiving() as receiver:
        first, _ = take(place.source, place.store, "full")
        child, _ = take(place.source, place.store)
        place.switch_segment()
        place.archived(receiver)
        second, _ = take(place.source, place.store, "full")
        place.switch_segment()
        place.archived(receiver)
        third, _ = take(place.source, place.store, "full")
        place.archived(receiver)
    archive = place.store.archive(first)
    before = min(archive.files()).number
    assert place.store.prune(first.system_id, datetime.now(UTC)) == []
    later = datetime.now(UTC) + timedelta(days=15)
    assert place.store.prune(first.system_id, later) == [first.name, child.name]
    assert place.store.backups() == [second, third]
    assert before < min(archive.files()).number <= second.first_needed
    with replace(place.store, keep_full=1).reading():
        assert replace(place.store, keep_full=1).prune(first.system_id, later) == []
    assert replace(place.store, keep_full=1).prune(first.system_id, later) == [second.name]
