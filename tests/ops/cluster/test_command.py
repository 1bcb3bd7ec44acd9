"""`manage.py cluster` where there is nothing to work on."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from tests.ops.cluster.inventories import PLAIN


@pytest.fixture(autouse=True)
def no_cluster(settings: Settings, tmp_path: Path) -> None:
    settings.FOODSHARE_CLUSTER_DIR = tmp_path / "cluster"


@pytest.mark.parametrize("action", ["status", "env", "switchover"])
def test_without_a_cluster_it_says_how_to_start_one(action: str) -> None:
    with pytest.raises(CommandError, match=r"manage\.py cluster up") as refusal:
        call_command("cluster", action)
    assert refusal.value.returncode == 1


def test_to_stop_what_never_ran_is_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("cluster", "down")
    assert capsys.readouterr().out == "The cluster is stopped.\n"


def test_an_inventory_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"absent\.toml: No such file") as refusal:
        call_command("cluster", "render", "--inventory", str(tmp_path / "absent.toml"))
    assert refusal.value.returncode == 2


def test_an_output_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    inventory = tmp_path / "inventory.toml"
    inventory.write_text(PLAIN)
    output = str(inventory / "hosts")
    with pytest.raises(CommandError, match=f"--output {output}: .* cannot be written: Not a directory") as refusal:
        call_command("cluster", "render", "--inventory", str(inventory), "--output", output)
    assert refusal.value.returncode == 2


@pytest.mark.parametrize("action", ["protect", "prepare"])
def test_only_render_makes_passwords(action: str, tmp_path: Path) -> None:
    """The hosts have those of `render`: etcd with others would let no Patroni in."""
    inventory = tmp_path / "inventory.toml"
    inventory.write_text(PLAIN)
    with pytest.raises(CommandError, match=r"passwords\.toml is not there.*copy the file from there") as refusal:
        call_command("cluster", action, "--inventory", str(inventory))
    assert refusal.value.returncode == 2
    assert list(tmp_path.iterdir()) == [inventory]
    call_command("cluster", "render", "--inventory", str(inventory))
    assert (tmp_path / "passwords.toml").exists()


def test_a_state_that_is_damaged_is_named(tmp_path: Path) -> None:
    (tmp_path / "cluster").mkdir()
    (tmp_path / "cluster" / "cluster.json").write_text("{")
    with pytest.raises(CommandError, match=r"cluster\.json cannot be used"):
        call_command("cluster", "status")
