"""Real servers in directories of their own: one shared set for what heals, fresh ones for what does not."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ops import servers
from ops.servers.state import load
from tests.servers.tools import Cluster

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def shared_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path_factory.mktemp("servers") / "data")
    servers.start(cluster.data_dir)
    yield cluster
    remove(cluster.data_dir)


@pytest.fixture
def cluster(shared_cluster: Cluster) -> Cluster:
    """The shared servers, all running. A test may kill them: the next one's start heals what it left."""
    servers.start(shared_cluster.data_dir)
    return shared_cluster


@pytest.fixture
def fresh_data_dir(tmp_path: Path) -> Iterator[Path]:
    """A place where nothing was ever started; emptied again, servers included."""
    data_dir = tmp_path / "data"
    yield data_dir
    remove(data_dir)


@pytest.fixture
def as_root() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root's servers run as another user")


@pytest.fixture
def child() -> Callable[..., list[str]]:
    """The command line of a Python that calls one function of ops.servers on a data directory."""

    def command(function: str, data_dir: Path, python: str = sys.executable) -> list[str]:
        code = f"import pathlib; from ops import servers; servers.{function}(pathlib.Path({str(data_dir)!r}))"
        return [python, "-c", code]

    return command


def remove(data_dir: Path) -> None:
    state = load(data_dir)
    servers.stop(data_dir)
    if state:
        shutil.rmtree(state.home, ignore_errors=True)
    shutil.rmtree(data_dir, ignore_errors=True)
