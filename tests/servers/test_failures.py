"""Each failure is one error whose text says what is wrong and what to do."""

import os
from pathlib import Path

import pytest

from ops import servers
from ops.servers.errors import DataLost, DiskFull, PackageMissing, StartFailed, StateUnusable, WrongVersion
from ops.servers.process import package_directory
from ops.servers.state import require_room
from tests.servers.tools import Cluster


def test_a_missing_package_is_named_as_pip_knows_it() -> None:
    with pytest.raises(PackageMissing, match=r"pip install no-such-server"):
        package_directory("no_such_server", "no-such-server")


def test_a_full_disk_is_refused_before_anything_is_made() -> None:
    with pytest.raises(DiskFull, match=r"Only 0 MB are free in /proc, .* Free some space"):
        require_room(Path("/proc"))


def test_a_data_directory_of_another_major_version_is_refused(cluster: Cluster) -> None:
    servers.stop(cluster.data_dir)
    version = cluster.directory("primary") / "PG_VERSION"
    version.write_text("17\n")
    with pytest.raises(
        WrongVersion, match="was written by PostgreSQL 17; the installed server is PostgreSQL 18"
    ):
        servers.start(cluster.data_dir)
    version.write_text("18\n")


def test_a_failed_start_shows_the_end_of_the_log(cluster: Cluster) -> None:
    servers.stop(cluster.data_dir)
    override = cluster.directory("primary") / "postgresql.auto.conf"
    override.write_text("no_such_setting = 'on'\n")
    with pytest.raises(StartFailed, match=r'(?s)The primary server did not start.*"no_such_setting"'):
        servers.start(cluster.data_dir)
    override.write_text("")


def test_a_lost_database_is_never_replaced_by_an_empty_one(cluster: Cluster) -> None:
    servers.stop(cluster.data_dir)
    backup = cluster.directory("primary").rename(cluster.directory("backup"))
    with pytest.raises(DataLost, match="Restore that directory from a backup"):
        servers.start(cluster.data_dir)
    backup.rename(cluster.directory("primary"))


def test_a_directory_of_another_user_is_named(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    (tmp_path / "data").mkdir(mode=0o700)
    (tmp_path / "data" / "servers.json").touch(mode=0o000)
    with pytest.raises(StateUnusable, match="cannot be used by"):
        servers.environment(tmp_path / "data")
