"""A real cluster loses nothing when its primary is killed under load. How long it takes is for the command to judge."""

import json
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

from ops.cluster.programs import ProgramsMissing, check_installed

pytestmark = pytest.mark.slow


@pytest.fixture
def programs() -> None:
    try:
        check_installed()
    except ProgramsMissing as missing:
        pytest.skip(f"{missing}")


def test_nothing_is_lost_or_there_twice_when_the_primary_is_killed(
    programs: None, tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.FOODSHARE_DATA_DIR = tmp_path
    try:
        call_command("cluster", "drill", "--fault", "postgres", "--seconds", "2", "--json")
    except SystemExit as ended:
        assert ended.code == 1  # noqa: PT017 - a machine may be slow, which is not what is judged here
    [run] = json.loads(capsys.readouterr().out)["runs"]
    assert run["acknowledged"] > 0
    assert (run["lost"], run["duplicated"], run["findings"], run["unhealed"]) == (0, 0, [], "")
    assert (run["wrong"], run["stale"]) == ([], [])
