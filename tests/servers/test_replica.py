"""The standby is a copy: whatever is wrong with it, start builds it anew."""

import shutil

import pytest

from ops import servers
from tests.servers.tools import Cluster


def test_a_standby_whose_slot_is_lost_is_rebuilt(cluster: Cluster) -> None:
    stop_replica(cluster)
    cluster.superuser("SELECT pg_drop_replication_slot('foodshare_replica')")
    assert rebuilds(cluster)


@pytest.mark.slow
def test_a_standby_too_far_behind_is_rebuilt(cluster: Cluster) -> None:
    stop_replica(cluster)
    cluster.superuser("ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'")
    cluster.superuser("ALTER SYSTEM SET wal_keep_size = 0")
    cluster.superuser("SELECT pg_reload_conf()")
    for _ in range(3):
        cluster.superuser("SELECT pg_logical_emit_message(false, 'test', 'x', true), pg_switch_wal()")
        cluster.superuser("CHECKPOINT")
    assert cluster.superuser("SELECT wal_status FROM pg_replication_slots") == [("lost",)]
    assert rebuilds(cluster)
    cluster.superuser("ALTER SYSTEM RESET ALL")


@pytest.mark.parametrize("lost", ["", "global/pg_control", "standby.signal"])
@pytest.mark.slow
def test_a_standby_with_files_missing_is_rebuilt(cluster: Cluster, lost: str) -> None:
    stop_replica(cluster)
    path = cluster.directory("replica") / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert rebuilds(cluster)


def stop_replica(cluster: Cluster) -> None:
    cluster.kill("replica")
    assert cluster.pids()["replica"] is None


def rebuilds(cluster: Cluster) -> bool:
    said = list[str]()
    servers.start(cluster.data_dir, said.append)
    assert "Building the standby" in said
    return cluster.replicates()
