"""`manage.py cluster drill` refuses what cannot be meant, before it starts anything."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from ops.cluster import state
from ops.cluster.drill.alone import alone
from ops.cluster.drill.drill import LOCK
from ops.cluster.drill.report import Kept
from ops.servers.state import locked
from tests.ops.cluster.drill.runs import run
from tests.web.tools import running, wait_for


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


def test_what_is_finished_is_told_although_the_machine_refuses_the_network(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And that it is refused before any other fault is done, which would take a cluster."""
    settings.FOODSHARE_DATA_DIR = tmp_path
    monkeypatch.setenv("PATH", str(tmp_path))  # where no `ip` is
    Kept(tmp_path / "drills.json", 5.0).add(run())
    with pytest.raises(CommandError, match="this machine refuses what the network's fault needs") as refusal:
        call_command("cluster", "drill", "--fault", "all", "--markdown", f"{tmp_path}/drills.md", "--json")
    assert refusal.value.returncode == 2
    told = json.loads(capsys.readouterr().out)
    assert ([each["fault"] for each in told["runs"]], told["passed"]) == (["postgres"], False)
    assert told["left"]["network"] == [1]
    assert not (tmp_path / "drill" / "cluster").exists()


@pytest.fixture
def former_cluster(tmp_path: Path) -> Iterator[Path]:
    """The directory of one that a killed drill left."""
    directory = tmp_path / "drill" / "cluster"
    directory.mkdir(parents=True)
    left = state.create(directory, ["node1"])
    yield directory
    state.remove(directory, left)


@pytest.mark.parametrize(("number", "code"), [pytest.param(signal.SIGINT, 130, marks=pytest.mark.slow),
                                              (signal.SIGTERM, 143)])
def test_what_is_finished_is_told_when_it_is_ended(number: int, code: int, tmp_path: Path,
                                                   former_cluster: Path) -> None:
    """Here that comes while the drill waits for whoever holds its former cluster."""
    log = tmp_path / "log"
    Kept(tmp_path / "drills.json", 5.0).add(run())
    arguments = ("cluster", "drill", "--fault", "postgres", "--runs", "2", "--markdown", f"{tmp_path}/drills.md")
    with locked(former_cluster), running(*arguments, log=log, FOODSHARE_DATA_DIR=str(tmp_path)) as process:
        wait_for(lambda: has_open(process.pid, former_cluster / "servers.lock"))
        process.send_signal(number)
        assert process.wait(60) == code
    assert "1,000" in log.read_text()
    assert "postgres: not done: 1 of the runs that were wanted" in log.read_text()
    assert "Traceback" not in log.read_text()


def has_open(pid: int, path: Path) -> bool:
    return path in {entry.resolve() for entry in Path(f"/proc/{pid}/fd").iterdir()}
