"""`manage.py cluster drill` refuses what cannot be meant, before it starts anything."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from ops.cluster.drill.alone import alone
from ops.cluster.drill.drill import LOCK
from ops.cluster.drill.report import Kept
from tests.ops.cluster.drill.runs import run


@pytest.mark.parametrize(("options", "message"), [
    (["--runs", "0"], "--runs 0: must be from 1 to 100"),
    (["--seconds", "0.5"], "--seconds 0.5: must be from 1 to 600"),
    (["--seconds", "nan"], "--seconds nan: must be from 1 to 600"),
    (["--markdown", "/nowhere/at/all/drills.md"], "--markdown /nowhere/at/all/drills.md: must be a file"),
    (["--markdown", "drills.json"], "--markdown drills.json: must be a file, not named .json"),
])
def test_bad_numbers_and_files_are_named(options: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message) as refusal:
        call_command("cluster", "drill", "--fault", "postgres", *options)
    assert refusal.value.returncode == 2


@pytest.mark.parametrize("options", [[], ["--fault", "fire"]])
def test_the_fault_must_be_a_known_one(options: list[str]) -> None:
    with pytest.raises(CommandError, match="--fault"):
        call_command("cluster", "drill", *options)


def test_a_second_drill_is_refused(tmp_path: Path, settings: Settings) -> None:
    settings.FOODSHARE_DATA_DIR = tmp_path
    with alone(tmp_path / "drill" / LOCK), pytest.raises(CommandError, match="another drill is at work") as refusal:
        call_command("cluster", "drill", "--fault", "postgres")
    assert refusal.value.returncode == 2


@pytest.mark.parametrize(("changes", "code"), [({}, None), ({"lost": 1}, 1)])
def test_a_finished_drill_is_told_of_and_not_done_again(tmp_path: Path, settings: Settings, changes: dict[str, Any],
                                                        code: int | None, capsys: pytest.CaptureFixture[str]) -> None:
    settings.FOODSHARE_DATA_DIR = tmp_path
    Kept(tmp_path / "drills.json", 5.0).add(run(**changes))
    arguments = ("cluster", "drill", "--fault", "postgres", "--markdown", f"{tmp_path}/drills.md", "--json")
    if code:
        with pytest.raises(SystemExit) as ended:
            call_command(*arguments)
        assert ended.value.code == code
    else:
        call_command(*arguments)
    assert '"acknowledged": 1000' in capsys.readouterr().out
