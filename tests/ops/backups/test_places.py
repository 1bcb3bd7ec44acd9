"""Names and places of the log."""

from pathlib import Path

import pytest

from ops.backups.archive import Archive, Stretch
from ops.backups.places import History, Segment, lsn

MB = 2**20
HISTORY = History.parsed(3, ["1\t0/3000000\tno recovery target specified", "", "2\t0/5800000\tbefore 2026-11-22"])


def test_an_lsn_is_a_byte() -> None:
    assert lsn("0/3000028") == 0x3000028
    assert lsn("2A/10") == 0x2A_0000_0010


@pytest.mark.parametrize("size", [MB, 16 * MB, 64 * MB])
def test_segments_are_named_and_counted_as_the_server_does(size: int) -> None:
    per_file = 2**32 // size
    segment = Segment.named("0000000200000003" + f"{per_file - 1:08X}", size)
    assert segment == Segment(4 * per_file - 1, 2)
    assert Segment(segment.number + 1, 2).name(size) == "000000020000000400000000"
    assert segment.name(size) == "0000000200000003" + f"{per_file - 1:08X}"


def test_a_history_includes_what_was_before_each_timeline_was_left() -> None:
    assert HISTORY.includes(1, lsn("0/2FFFFFF"))
    assert not HISTORY.includes(1, lsn("0/3000001"))
    assert HISTORY.includes(3, lsn("9/0"))
    assert not HISTORY.includes(4, lsn("0/1"))


def test_the_segment_in_which_a_timeline_was_left_is_the_next_ones() -> None:
    assert [HISTORY.timeline_at(number, 16 * MB) for number in range(2, 8)] == [1, 2, 2, 3, 3, 3]


def archive(directory: Path, *names: str) -> Archive:
    found = Archive(directory, 16 * MB)
    found.prepare()
    for name in names:
        (found.directory / name).touch()
    return found


def test_the_archive_follows_a_history_and_names_the_first_gap(tmp_path: Path) -> None:
    found = archive(tmp_path / "wal", "000000010000000000000002.gz", "000000010000000000000003.partial.gz",
                    "000000020000000000000003.gz", "000000010000000000000009.gz", "000000020000000000000004.gz",
                    "000000030000000000000006.gz.age", "incoming/000000030000000000000007.partial")
    stretch = found.stretch(2, HISTORY)
    assert stretch.segments == [Segment(2, 1), Segment(3, 2), Segment(4, 2)]
    assert stretch.missing == "000000030000000000000005"
    assert found.stretch(6, HISTORY).segments == [Segment(6, 3), Segment(7, 3)]
    assert found.stretch(6, HISTORY).missing is None
    assert found.stretch(9, HISTORY).missing is None
    assert found.stretch(2, HISTORY, last=4) == Stretch(stretch.segments, None)


def test_a_timeline_that_was_left_does_not_stand_in_for_the_next(tmp_path: Path) -> None:
    """PostgreSQL would replay what timeline 1 went on to in that segment."""
    found = archive(tmp_path / "wal", "000000010000000000000002.gz", "000000010000000000000003.gz",
                    "000000020000000000000004.gz")
    assert found.stretch(2, HISTORY) == Stretch([Segment(2, 1)], "000000020000000000000003")


def test_what_was_abandoned_does_not_count(tmp_path: Path) -> None:
    """Segment 9 of timeline 1 was written by a primary that was replaced before."""
    found = archive(tmp_path / "wal", "000000030000000000000006.gz", "000000010000000000000009.gz")
    assert found.stretch(6, HISTORY).segments == [Segment(6, 3)]
    assert found.stretch(6, HISTORY).missing is None


def test_a_new_timeline_is_received_from_where_it_left_the_one_before(tmp_path: Path) -> None:
    found = archive(tmp_path / "wal")
    assert not found.begin_at_fork(HISTORY)
    (found.directory / "000000020000000000000005.gz").touch()
    assert found.begin_at_fork(HISTORY)
    [begun] = found.incoming.iterdir()
    assert begun.name == "000000030000000000000005.partial"
    assert begun.stat().st_size == 16 * MB
    assert not found.begin_at_fork(HISTORY)
    found.put_away(everything=True)  # the server no longer had it
    assert [segment.timeline for segment in found.files()] == [2]
