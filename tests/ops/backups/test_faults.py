"""What is wrong with backups is found, and named."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.backups.archive import Archive
from ops.backups.errors import BackupError, Damaged, DiskFull, NotNow, WalMissing
from ops.backups.receiver import Receiver
from ops.backups.restore import restore
from ops.backups.status import missing_after
from ops.backups.store import DESCRIPTION, UNFINISHED, Backup, room_in
from ops.backups.take import take
from tests.ops.backups.tools import Place, manage_in_background, wait_for

MB = 2**20


def flip(path: Path) -> None:
    """Change one byte, of what is no run of zeros: there some changes change nothing."""
    with path.open("r+b") as file:
        file.seek(100)
        [byte] = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte ^ 1]))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """One of 300 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=300m", "none", str(disk)]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("only root may mount a small disk, and not everywhere")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


@pytest.mark.slow
def test_a_damaged_and_a_missing_file_are_named(place: Place, workroom: Path) -> None:
    backup, _ = take(place.source, place.store)
    base = place.store.folder(backup) / "base.tar.gz"
    flip(base)
    with pytest.raises(Damaged, match=f"{base} is damaged"):
        restore(place.store, workroom / "data")
    base.unlink()
    with pytest.raises(Damaged, match=f"{base} is missing"):
        restore(place.store, workroom / "data")
    assert not any(workroom.iterdir())


@pytest.mark.slow
def test_a_backup_without_its_parent_is_named(place: Place, workroom: Path) -> None:
    full, _ = take(place.source, place.store)
    incremental, _ = take(place.source, place.store)
    (place.store.folder(full) / DESCRIPTION).unlink()
    with pytest.raises(Damaged, match=f"{incremental.name} is based on {full.name}, which is missing"):
        restore(place.store, workroom / "data")
    assert place.store.unreadable() == [place.store.folder(full)]


@pytest.mark.slow
def test_a_missing_or_damaged_segment_is_named_and_what_is_before_it_restored(place: Place, workroom: Path) -> None:
    with place.archiving() as receiver:
        backup, _ = take(place.source, place.store)
        place.run("INSERT INTO loaves VALUES (100)")
        early = place.now()
        for number in range(3):
            place.run("INSERT INTO loaves VALUES (%s)", number)
            place.archived(receiver)
            place.switch_segment()
            place.archived(receiver)
        wait_for(lambda: not receiver.work() and len(archived(place, backup)) >= 3)
        late = place.now()
        place.run("INSERT INTO loaves VALUES (9)")
        place.archived(receiver)
    second = archived(place, backup)[1]
    flip(second)
    restored = restore(place.store, workroom / "damaged")
    assert f"{second} is damaged" in restored.fault
    restored = restore(place.store, workroom / "early", early)
    assert restored.reached.target_reached
    assert restored.fault == ""
    second.unlink()
    assert missing_after(place.store, backup) == second.name[:24]
    with pytest.raises(WalMissing, match=f"the WAL segment {second.name[:24]} is missing"):
        restore(place.store, workroom / "missing", late)
    assert sorted(path.name for path in workroom.iterdir()) == ["damaged", "early"]


def archived(place: Place, backup: Backup) -> list[Path]:
    """The whole segments that the backup needs."""
    files = place.store.archive(backup).files()
    return [files[segment] for segment in sorted(files)
            if segment.number >= backup.first_needed and files[segment].suffix == ".gz"]


def fill(disk: Path, left: int = 0) -> Path:
    """Leave so many bytes of the disk."""
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(room_in(disk) - left))
    return ballast


@pytest.mark.slow
def test_a_full_disk_is_foreseen(place: Place, small_disk: Path) -> None:
    small = place.with_store(small_disk / "backups")
    fill(small_disk, left=40 * MB)
    with pytest.raises(DiskFull, match=r"\d+ MB are free in .*, and this full backup needs about \d+ MB"):
        take(small.source, small.store)


@pytest.mark.slow
def test_a_disk_that_fills_up_meanwhile_is_named_and_nothing_is_left(place: Place, small_disk: Path) -> None:
    def fill_it(step: str, percent: int) -> None:
        if not (small_disk / "ballast").exists():
            fill(small_disk, left=MB)

    small = place.with_store(small_disk / "backups")
    with pytest.raises(DiskFull, match=f"no space is left in {small.store.directory}"):
        take(small.source, small.store, show=fill_it)
    assert not list(small.store.directory.glob("2*"))


@pytest.mark.slow
def test_the_log_waits_on_the_server_while_the_disk_is_full(place: Place, small_disk: Path,
                                                            caplog: pytest.LogCaptureFixture) -> None:
    small = place.with_store(small_disk / "backups")
    ballast = fill(small_disk, left=MB)
    receiver = Receiver(small.source, small.store)
    try:
        wait_for(lambda: receiver.work() or "only 1 MB are free" in caplog.text)
        place.run("INSERT INTO loaves VALUES (1)")
        ballast.unlink()
        small.archived(receiver)
    finally:
        receiver.stop()


def test_what_the_receiver_could_not_make_in_full_size_is_made_anew(tmp_path: Path) -> None:
    archive = Archive(tmp_path, 16 * MB)
    archive.prepare()
    for number, size in ((3, 16 * MB), (4, MB), (5, 0)):
        path = archive.incoming / f"00000001000000000000000{number}.partial"
        path.touch()
        os.truncate(path, size)
    archive.discard_half_made()
    assert [path.name for path in archive.incoming.iterdir()] == ["000000010000000000000003.partial"]


@pytest.mark.slow
def test_a_killed_receiver_is_started_again_and_leaves_no_gap(place: Place) -> None:
    with place.archiving() as receiver:
        backup, _ = take(place.source, place.store)
        for _ in range(2):
            assert receiver.child is not None
            receiver.child.kill()
            place.run("INSERT INTO loaves SELECT max(id) + 1 FROM (SELECT id FROM loaves UNION VALUES (0)) AS n (id)")
            place.switch_segment()
            place.archived(receiver)
        assert missing_after(place.store, backup) is None
        assert max(place.store.archive(backup).files()).number >= backup.first_needed + 2


@pytest.mark.slow
def test_a_killed_backup_leaves_nothing_that_looks_like_one(place: Place) -> None:
    place.run("INSERT INTO loaves SELECT n, repeat('rye ', 200) FROM generate_series(1, 50000) AS n")
    child = manage_in_background(place, "backup_database")
    wait_for(lambda: unfinished(place))
    child.kill()
    child.wait()
    assert place.store.backups() == []
    wait_for(lambda: not copying(place))
    assert unfinished(place)
    backup, _ = take(place.source, place.store)
    assert [backup] == place.store.backups()
    assert not unfinished(place)


def unfinished(place: Place) -> list[Path]:
    return list(place.store.directory.glob(f"*{UNFINISHED}"))


def copying(place: Place) -> list[tuple[object, ...]]:
    return place.run("SELECT pid FROM pg_stat_progress_basebackup")


@pytest.mark.slow
def test_two_backups_do_not_get_into_each_others_way(place: Place) -> None:
    with place.store.taking(), pytest.raises(NotNow, match="another process is taking a backup"):
        take(place.source, place.store)


@pytest.mark.slow
def test_a_server_that_does_not_answer_is_named(place: Place) -> None:
    place.source.identify()
    lost = place.with_store(place.store.directory)
    lost_source = type(lost.source)(lost.source.url.replace("@127.0.0.1:", "@127.0.0.1:1"), lost.source.owner_url)
    with pytest.raises(BackupError, match="BACKUP_URL: "):
        take(lost_source, place.store)


