import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ops import servers
from tests.servers.conftest import REPOSITORY
from tests.servers.tools import Cluster


@pytest.mark.slow
def test_processes_that_start_at_once_share_one_set_of_servers(
    fresh_data_dir: Path, child: Callable[..., list[str]]
) -> None:
    starters = [subprocess.Popen(child("start", fresh_data_dir), cwd=REPOSITORY) for _ in range(3)]
    assert [starter.wait() for starter in starters] == [0, 0, 0]
    cluster = Cluster(fresh_data_dir)
    before = cluster.pids()
    assert None not in before.values()
    servers.start(fresh_data_dir)
    assert cluster.pids() == before
