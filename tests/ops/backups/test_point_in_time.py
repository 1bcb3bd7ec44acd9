"""Getting back to a moment."""

from datetime import timedelta
from pathlib import Path

import pytest

from ops.backups.errors import BackupError
from ops.backups.restore import restore
from ops.backups.take import take
from ops.servers.state import free_ports
from tests.ops.backups.tools import Place, started
from tests.servers.tools import execute

FILL = "INSERT INTO loaves SELECT n, repeat('rye ', 20) FROM generate_series(%s::int, %s::int) AS n"


@pytest.mark.slow
def test_a_dropped_table_is_back_as_of_the_second_before(place: Place, workroom: Path) -> None:
    place.run(FILL, 1, 5000)
    with place.archiving() as receiver:
        take(place.source, place.store)
        place.run(FILL, 5001, 6000)
        before = place.now()
        place.run("DROP TABLE loaves")
        place.run("CREATE TABLE loaves_2 ()")
        place.archived(receiver)
        restored = restore(place.store, workroom / "data", before)
        place.run("DROP TABLE loaves_2")
    assert restored.fault == ""
    assert restored.reached.target_reached
    [port] = free_ports(1)
    with started(restored, place, port) as url:
        assert execute(url, "SELECT count(*), sum(id)::bigint FROM loaves") == [(6000, 18003000)]
        assert execute(url, "SELECT to_regclass('loaves_2')") == [(None,)]
        assert execute(url, "INSERT INTO loaves VALUES (7000) RETURNING id") == [(7000,)]


@pytest.mark.slow
def test_a_time_after_the_last_commit_gives_everything(place: Place, workroom: Path) -> None:
    with place.archiving() as receiver:
        take(place.source, place.store)
        place.run(FILL, 1, 10)
        place.archived(receiver)
        restored = restore(place.store, workroom / "data", place.now())
    assert restored.fault == ""
    assert not restored.reached.target_reached
    [port] = free_ports(1)
    with started(restored, place, port) as url:
        assert execute(url, "SELECT count(*) FROM loaves") == [(10,)]


@pytest.mark.slow
def test_a_time_before_the_first_backup_is_refused(place: Place, workroom: Path) -> None:
    backup, _ = take(place.source, place.store)
    with pytest.raises(BackupError, match=f"{backup.name} is the oldest"):
        restore(place.store, workroom / "data", backup.begun - timedelta(seconds=1))
    assert not any(workroom.iterdir())
