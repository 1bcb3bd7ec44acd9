"""A start killed midway leaves nothing that the next one takes for finished."""

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ops import servers
from tests.servers.conftest import REPOSITORY
from tests.servers.tools import Cluster, until


@pytest.mark.slow
@pytest.mark.parametrize("unfinished", ["primary.new/base", "primary/postmaster.pid", "replica.new/base"])
def test_the_next_start_cleans_up(
    fresh_data_dir: Path, child: Callable[..., list[str]], unfinished: str
) -> None:
    servers.environment(fresh_data_dir)
    cluster = Cluster(fresh_data_dir)
    starter = subprocess.Popen(child("start", fresh_data_dir), cwd=REPOSITORY)
    assert until(cluster.directory(unfinished).exists)
    os.kill(starter.pid, signal.SIGKILL)
    starter.wait()
    statuses = servers.start(fresh_data_dir)
    assert all(status.running for status in statuses)
    assert cluster.replicates()
    assert not list(Path(cluster.state.home).glob("*.new"))
