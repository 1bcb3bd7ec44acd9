"""`down --delete` takes away what the cluster made and started, and nothing and nobody else that is there."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from ops.cluster import state
from ops.cluster.local import Cluster
from ops.servers.process import end_all_below

SLEEP = shutil.which("sleep") or "/bin/sleep"


@pytest.fixture
def sleepers(tmp_path: Path) -> Iterator["dict[str, subprocess.Popen[bytes]]"]:
    """A process of each name, all at work in one directory."""
    place = tmp_path / "home" / "node1" / "etcd"
    place.mkdir(parents=True)
    with ExitStack() as stack:
        found = {}
        for name in ("postgres", "etcd", "tail"):
            program = Path(shutil.copy(SLEEP, tmp_path / name))
            found[name] = stack.enter_context(subprocess.Popen([program, "600"], cwd=place))
            stack.callback(found[name].kill)
        yield found


def test_only_servers_are_ended(sleepers: "dict[str, subprocess.Popen[bytes]]", tmp_path: Path) -> None:
    end_all_below(tmp_path / "home" / "node2")
    assert {name for name, process in sleepers.items() if process.poll() is None} == {"postgres", "etcd", "tail"}
    end_all_below(tmp_path / "home")
    assert [sleepers[name].wait(10) for name in ("postgres", "etcd")] == [-9, -9]
    assert sleepers["tail"].poll() is None


def test_only_what_the_cluster_made_is_removed(tmp_path: Path) -> None:
    """A shell may be at work in its directory, and something of somebody's lie there."""
    directory = tmp_path / "cluster"
    (directory / "logs").mkdir(parents=True)
    home = Path(state.create(directory, ["node1"]).home)
    for path in (directory / "notes", directory / "logs" / "mine.log", directory / "logs" / "node1-etcd.log"):
        path.touch()
    for place in (home / "node1", home / "proxy"):
        place.mkdir()
    with subprocess.Popen([SLEEP, "600"], cwd=directory / "logs") as stranger:
        Cluster(directory).down(delete=True)
        assert stranger.poll() is None
        stranger.kill()
    left = {str(path.relative_to(directory)) for path in directory.rglob("*")}
    assert left - {"servers.lock", "servers.claim"} == {"notes", "logs", "logs/mine.log"}
    assert home == directory or not home.exists()


def test_nothing_is_left_where_there_is_nothing_else(tmp_path: Path) -> None:
    directory = tmp_path / "cluster"
    (directory / "logs").mkdir(parents=True)
    state.create(directory, ["node1"])
    Cluster(directory).down(delete=True)
    assert not directory.exists()
