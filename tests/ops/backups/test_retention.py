"""Which of the archived log is kept, needed and missing, by what the backups tell of themselves; no server is asked."""

from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path

from ops.backups.archive import Stretch
from ops.backups.places import Segment
from ops.backups.recovery import plan
from ops.backups.schedule import is_usable
from ops.backups.source import Source
from ops.backups.status import status
from ops.backups.store import DESCRIPTION, Backup, Store, Verdict, write_json
from ops.backups.verify import lost
from tests.ops.backups.test_schedule import NOON, taken

MB = 2**20


def stored(store: Store, days: float, timeline: int, segment: int, parent: Backup | None = None) -> Backup:
    """A backup of so many days ago that begins and ends in that segment of that timeline."""
    place = f"0/{segment * 16 * MB + 0x28:X}"
    backup = replace(taken(NOON - timedelta(days=days), parent), timeline=timeline, start=place, stop=place)
    store.folder(backup).mkdir(parents=True)
    write_json(store.folder(backup) / DESCRIPTION, asdict(backup))
    return backup


def archive(store: Store, backup: Backup, *names: str) -> None:
    found = store.archive(backup)
    found.prepare()
    for name in names:
        (found.directory / name).touch()


def kept(store: Store, backup: Backup) -> list[tuple[int, int]]:
    """Timeline and number of the segments that are left."""
    return sorted((segment.timeline, segment.number) for segment in store.archive(backup).files())


def test_after_a_restore_to_the_past_the_log_of_the_new_way_is_kept(tmp_path: Path) -> None:
    """Restored to segment 5, which the newest backup of the old way, begun in segment 9, is long past."""
    store = Store(tmp_path, keep_full=2, keep_days=1)
    first = stored(store, 30, timeline=1, segment=1)
    ahead = stored(store, 20, timeline=1, segment=9)
    present = [stored(store, 10, timeline=2, segment=6), stored(store, 3, timeline=2, segment=7)]
    later = stored(store, 2, timeline=2, segment=8, parent=present[1])
    size = first.segment_size
    archive(store, first, "00000002.history",
            *(f"{Segment(number, 1).name(size)}.gz" for number in range(1, 12)),
            *(f"{Segment(number, 2).name(size)}.gz" for number in range(5, 10)))
    assert replace(store, keep_full=3).prune("7", NOON) == [first.name]
    assert kept(store, ahead) == [(1, 6), (1, 7), (1, 8), (1, 9), (1, 10), (1, 11), (2, 6), (2, 7), (2, 8), (2, 9)]
    assert store.prune("7", NOON) == [ahead.name]
    assert min(kept(store, later)[-4:]) == (2, 6)
    assert replace(store, keep_full=1).prune("7", NOON + timedelta(days=9)) == [present[0].name]
    assert kept(store, later) == [(1, 7), (1, 8), (1, 9), (1, 10), (1, 11), (2, 7), (2, 8), (2, 9)]
    assert (store.archive(later).directory / "00000002.history").exists()


def test_only_unfinished_backups_are_cleared_away(tmp_path: Path) -> None:
    store = Store(tmp_path)
    name = taken(NOON).name
    folder = tmp_path / f"{name}.new"
    others = (tmp_path / "photos.new", tmp_path / "2024.new", tmp_path / f"my-{name}.new")
    for each in (folder, *others):
        each.mkdir()
        (each / "something").touch()
    file = tmp_path / f"{taken(NOON - timedelta(days=1)).name}.new"
    file.touch()
    assert not store.backups()
    assert not store.unreadable()
    store.clear_unfinished()
    assert sorted(tmp_path.iterdir()) == sorted((*others, file))


def test_a_gap_between_older_backups_is_named_with_the_last_one_before_it(tmp_path: Path) -> None:
    store = Store(tmp_path)
    backups = [stored(store, days, timeline=1, segment=segment) for days, segment in ((3, 1), (2, 3), (1, 7), (0.5, 9))]
    size = backups[0].segment_size
    archive(store, backups[0], *(f"{Segment(number, 1).name(size)}.gz" for number in range(1, 12) if number != 5))
    nowhere = "postgresql://nobody@127.0.0.1:1/nothing"
    [_, *told] = status(Source(nowhere, nowhere), store, NOON).findings
    assert told == [f"the WAL segment 000000010000000000000005 is missing after {backups[1].name}: what was committed "
                    "between it and the next backup cannot be restored"]


def test_only_the_log_up_to_the_backup_after_the_moment_is_laid_out(tmp_path: Path) -> None:
    store = Store(tmp_path)
    first, _, last = (stored(store, days, timeline=1, segment=segment) for days, segment in ((3, 1), (2, 4), (1, 8)))
    size = first.segment_size
    archive(store, first, *(f"{Segment(number, 1).name(size)}.gz" for number in range(1, 12) if number != 6))
    chosen = plan(store, NOON - timedelta(days=2.5))
    assert chosen.backup == first
    assert chosen.log == Stretch([Segment(number, 1) for number in (2, 3, 4)], None)
    assert plan(store, NOON - timedelta(days=1.5)).log.missing == "000000010000000000000006"
    assert [segment.number for segment in plan(store).log.segments] == [9, 10, 11]
    assert plan(store).backup == last


def test_a_copy_that_lacks_most_rows_of_a_table_is_no_good() -> None:
    assert lost({"users": (50, 50), "posts": (0, 9_000), "messages": (900_000, 1_000_000), "groups": (5, None)}) == []
    assert lost({"posts": (0, 1_000_000)}) == ["posts: 0 rows were restored of about 1,000,000"]


def test_after_a_bad_verdict_another_backup_is_wanted(tmp_path: Path) -> None:
    store = Store(tmp_path)
    backup = stored(store, 1, timeline=1, segment=1)
    assert is_usable(store, backup)
    for ok in (False, True):
        store.judge(backup, Verdict(NOON, ok, [] if ok else ["a segment is damaged"], 0.5, 3.0))
        assert is_usable(store, backup) == ok
