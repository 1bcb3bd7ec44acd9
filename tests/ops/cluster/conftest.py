"""One real cluster for all tests that need one."""

from collections.abc import Iterator

import pytest

from ops.cluster.local import Cluster
from ops.cluster.programs import ProgramsMissing, check_installed


@pytest.fixture(scope="package")
def shared_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    skip_without_programs()
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        cluster.up()
        yield cluster
    finally:
        cluster.down(delete=True)


@pytest.fixture
def cluster(shared_cluster: Cluster) -> Cluster:
    """All of it runs; a test may kill what it likes."""
    if not shared_cluster.is_whole():
        shared_cluster.up()
    return shared_cluster


def skip_without_programs() -> None:
    """Skip, and name the packages that are missing."""
    try:
        check_installed()
    except ProgramsMissing as error:
        pytest.skip(f"{error}")
