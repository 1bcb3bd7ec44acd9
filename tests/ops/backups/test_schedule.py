"""When backups are due, and which are kept."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ops.backups.schedule import backup_is_due, verification_is_due
from ops.backups.source import Source
from ops.backups.status import metrics, status
from ops.backups.store import Backup, Store, Verdict, name_of, past

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
NIGHT = NOON.replace(hour=1, minute=10)


def taken(ended: datetime, parent: Backup | None = None) -> Backup:
    kind = "incremental" if parent else "full"
    return Backup(name=name_of(ended, kind), kind=kind, parent=parent.name if parent else None, system_id="7",
                  version=180_006, segment_size=2**24, timeline=1, start="0/2000028", stop="0/2000120", begun=ended,
                  ended=ended, seconds=1.5, size=1000, unpacked=5000, database=5000, from_replica=False, files={})


def ago(now: datetime, **spans: float) -> Backup:
    return taken(now - timedelta(**spans))


def test_a_backup_is_taken_by_night_or_when_the_last_night_was_missed() -> None:
    assert backup_is_due(None, NOON)
    assert backup_is_due(ago(NIGHT, hours=24), NIGHT)
    assert not backup_is_due(ago(NIGHT, hours=3), NIGHT)
    assert not backup_is_due(ago(NOON, hours=24), NOON)
    assert backup_is_due(ago(NOON, hours=26), NOON)
    assert backup_is_due(ago(NOON, hours=1), NOON, usable=False)


def verdict(at: datetime, *, ok: bool = True, rto: float = 3.0) -> Verdict:
    return Verdict(at, ok, [] if ok else ["a segment is missing"], 0.5, rto)


def test_a_verification_is_due_once_a_week_and_after_a_bad_one_with_the_next_backup() -> None:
    old, new = ago(NOON, days=9), ago(NOON, days=1)
    assert not verification_is_due([], None, NOON)
    assert not verification_is_due([new], None, NOON)
    assert verification_is_due([old, new], None, NOON)
    assert not verification_is_due([old, new], (old, verdict(NOON - timedelta(days=6))), NOON)
    assert verification_is_due([old, new], (old, verdict(NOON - timedelta(days=8))), NOON)
    unusable = verdict(NOON - timedelta(hours=1), ok=False, rto=0.0)
    assert verification_is_due([old, new], (old, unusable), NOON)
    assert not verification_is_due([old, new], (new, unusable), NOON)


@pytest.mark.parametrize(("keep_full", "keep_days", "left"), [
    (1, 1, 2),  # the moment a day ago needs the backup of two days ago
    (3, 1, 3), (1, 8, 3), (1, 100, 4), (9, 1, 4)])
def test_as_many_and_as_old_backups_are_kept_as_asked(keep_full: int, keep_days: int, left: int) -> None:
    chains = [[ago(NOON, days=days)] for days in (22, 15, 8, 0.5)]
    assert past(chains, NOON, keep_full, keep_days) == chains[:4 - left]


def test_what_is_wrong_is_said_though_the_server_is_away(tmp_path: Path) -> None:
    nowhere = "postgresql://nobody@127.0.0.1:1/nothing"
    found = status(Source(nowhere, nowhere), Store(tmp_path / "backups"), NOON)
    assert found.findings[1:] == ["there is no backup yet"]
    assert found.findings[0].startswith("the server does not answer")
    full = ago(NOON, hours=30)
    found = replace(found, backups=[full], verified=(full, verdict(NOON - timedelta(hours=2))))
    gauges = metrics(found)
    assert gauges["foodshare_backup_age_seconds"] == gauges["foodshare_backup_full_age_seconds"] == 30 * 3600
    assert gauges["foodshare_backup_verified_age_seconds"] == 7200
    assert gauges["foodshare_backup_verified_ok"] == 1.0
    assert gauges["foodshare_backup_rpo_seconds"] == 0.5
    assert "foodshare_wal_archive_behind_bytes" not in gauges
