"""What the commands refuse, and how they say it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from ops.backups.errors import NotPossible
from ops.backups.programs import for_server
from ops.backups.restore import require_empty
from ops.management.commands.restore_database import moment


def test_times_are_of_utc_unless_they_say_otherwise() -> None:
    assert moment("2026-11-01T14:05:09.5") == datetime(2026, 11, 1, 14, 5, 9, 500_000, UTC)
    assert moment("2026-11-01T14:05:09+02:00") == datetime(2026, 11, 1, 12, 5, 9, tzinfo=UTC)
    assert moment("latest") is None


@pytest.mark.parametrize("time", ["yesterday", "2026-13-01", "9999-01-01T00:00:00Z"])
def test_what_is_no_time_of_the_past_is_refused(time: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=time):
        call_command("restore_database", "--to", time, "--into", str(tmp_path / "data"))


def test_nothing_is_restored_over_a_database_or_other_files(tmp_path: Path) -> None:
    require_empty(tmp_path / "new")
    require_empty(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(NotPossible, match="is not empty"):
        require_empty(tmp_path)
    (tmp_path / "PG_VERSION").write_text("18\n")
    with pytest.raises(NotPossible, match="holds a database, and nothing is ever restored over one"):
        require_empty(tmp_path)
    with pytest.raises(NotPossible, match="/proc is a mount point"):
        require_empty(Path("/proc"))
    with pytest.raises(NotPossible, match="is no directory"):
        require_empty(tmp_path / "file")


@pytest.mark.parametrize("command", [["backup_database"], ["backup_database", "--status"], ["archive_wal"]],
                         ids=" ".join)
def test_without_a_role_for_backups_the_commands_say_how_to_make_one(command: list[str], settings: Settings) -> None:
    settings.BACKUP_URL = ""
    with pytest.raises(CommandError, match=r"BACKUP_URL is not set.*CREATE ROLE") as caught:
        call_command(*command)
    assert caught.value.returncode == 2


def test_a_wrong_place_of_the_programs_is_named(settings: Settings) -> None:
    settings.POSTGRESQL_BIN = "/nowhere"
    with pytest.raises(NotPossible, match="POSTGRESQL_BIN: there is no directory /nowhere"):
        for_server(18)


def test_where_there_is_no_backup_none_is_verified_or_restored(tmp_path: Path, settings: Settings) -> None:
    settings.BACKUP_DIR = tmp_path / "backups"
    for command in (["verify_backup"], ["restore_database", "--into", str(tmp_path / "data")]):
        with pytest.raises(CommandError, match="there is no backup in"):
            call_command(*command)
    with pytest.raises(CommandError, match="there is no backup 'that'"):
        call_command("verify_backup", "--backup", "that")
    assert not (tmp_path / "data").exists()


