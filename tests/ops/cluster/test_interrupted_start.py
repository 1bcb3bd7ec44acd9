"""A first start that ends in the midst, as by a power cut, leaves nothing that hinders the next."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from ops.cluster.local import Cluster
from ops.servers.postgres import was_used
from ops.servers.process import wait_until
from tests.ops.cluster.conftest import skip_without_programs
from tests.servers.conftest import REPOSITORY


@pytest.fixture
def unborn(tmp_path: Path) -> Iterator[Cluster]:
    """None of it is there yet."""
    skip_without_programs()
    cluster = Cluster(tmp_path / "cluster")
    try:
        yield cluster
    finally:
        cluster.down(delete=True)


@pytest.mark.slow
def test_a_cluster_comes_up_whose_bootstrap_was_interrupted(unborn: Cluster) -> None:
    environment = os.environ | {"FOODSHARE_CLUSTER_DIR": str(unborn.directory)}
    command = [sys.executable, "manage.py", "cluster", "up"]
    with subprocess.Popen(command, cwd=REPOSITORY, env=environment, stderr=subprocess.DEVNULL) as starter:
        assert wait_until(lambda: bool(made(unborn)) or starter.poll() is not None, 120)
        starter.kill()
    unborn.down()
    [directory] = made(unborn)
    assert not was_used(directory)
    told: list[str] = []
    unborn.up(told.append)
    assert "PostgreSQL: its first start was interrupted; beginning anew" in told
    with psycopg.connect(unborn.environment()["DATABASE_OWNER_URL"]) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("foodshare_owner",)


def made(cluster: Cluster) -> list[Path]:
    """The data directories that initdb began to fill."""
    if not cluster.exists:
        return []
    return [path.parent for path in Path(cluster.state.home).glob("node*/postgres/PG_VERSION")]


@pytest.mark.parametrize(("path", "used"), [
    ("base/1/1259", False), ("base/5/1259_fsm", False), ("base/pgsql_tmp/x", False), ("base/4/PG_VERSION", False),
    ("base/16384/1259", True), ("base/5/16385", True), ("pg_tblspc/16400/PG_18", True),
])
def test_whatever_initdb_did_not_make_is_somebody_s(path: str, used: bool, tmp_path: Path) -> None:
    assert not was_used(tmp_path)
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).touch()
    assert was_used(tmp_path) is used
