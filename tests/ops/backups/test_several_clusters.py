"""Backups of several clusters in one place: none is taken for another's."""

from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from ops.backups.errors import BackupError, NotPossible
from ops.backups.recovery import plan
from ops.backups.store import DESCRIPTION, Backup, Store, write_json
from tests.ops.backups.test_schedule import NOON, taken


def stored(store: Store, days: float, system_id: str) -> Backup:
    backup = replace(taken(NOON - timedelta(days=days)), system_id=system_id)
    store.folder(backup).mkdir(parents=True)
    write_json(store.folder(backup) / DESCRIPTION, asdict(backup))
    return backup


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "backups")


def test_which_one_is_meant_must_be_said(store: Store) -> None:
    stored(store, 9, "1001")
    ours, later, strange = stored(store, 8, "1001"), stored(store, 6, "1001"), stored(store, 2, "2002")
    with pytest.raises(NotPossible, match="holds backups of 2 clusters; say by --backup") as refusal:
        plan(store)
    assert f"{later.name} of the one whose system identifier is 1001" in str(refusal.value)
    assert f"{strange.name} of the one whose system identifier is 2002" in str(refusal.value)
    with pytest.raises(NotPossible, match=f"{ours.name} of the one") as refusal:
        plan(store, until=NOON - timedelta(days=7))
    assert strange.name not in str(refusal.value)
    assert plan(store, name=ours.name).backup == ours


def test_a_cluster_that_is_known_has_its_own(store: Store) -> None:
    ours = stored(store, 8, "1001")
    stored(store, 2, "2002")
    assert plan(store, system_id="1001").backup == ours
    with pytest.raises(BackupError, match="no backup of the server, whose system identifier is 3003, in"):
        plan(store, system_id="3003")


@pytest.mark.parametrize("command", [["verify_backup"], ["restore_database", "--into", "data"]], ids=" ".join)
def test_the_commands_refuse_to_guess(command: list[str], store: Store, settings: Settings) -> None:
    """Where no server can be asked which is its own."""
    settings.BACKUP_DIR, settings.BACKUP_URL = store.directory, ""
    stored(store, 8, "1001")
    stored(store, 2, "2002")
    with pytest.raises(CommandError, match="holds backups of 2 clusters") as refusal:
        call_command(*command)
    assert refusal.value.returncode == 2
