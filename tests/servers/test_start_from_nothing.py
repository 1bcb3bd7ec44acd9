from pathlib import Path

from ops import servers
from tests.servers.tools import Cluster


def test_before_the_first_start_nothing_runs_and_nothing_is_made(tmp_path: Path) -> None:
    statuses = servers.status(tmp_path / "data")
    assert [status.running for status in statuses] == [False] * 4
    servers.stop(tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_all_four_run_after_start(cluster: Cluster) -> None:
    statuses = servers.status(cluster.data_dir)
    assert [status.name for status in statuses] == ["primary", "replica", "cache", "streams"]
    assert all(status.running and status.version for status in statuses)
    assert statuses[0].version.startswith("18.")


def test_the_urls_connect_as_the_declared_roles(cluster: Cluster) -> None:
    who = "SELECT current_user, current_database(), pg_is_in_recovery()"
    assert cluster.app(who) == [("foodshare_app", "foodshare", False)]
    assert cluster.owner(who) == [("foodshare_owner", "foodshare", False)]
    assert cluster.replica(who) == [("foodshare_app", "foodshare", True)]
    assert cluster.valkey("REDIS_URL").ping()
    assert cluster.valkey("STREAM_URL").ping()


def test_a_row_reaches_the_standby(cluster: Cluster) -> None:
    assert cluster.replicates()


def test_a_second_start_changes_nothing(cluster: Cluster) -> None:
    before, said = cluster.pids(), list[str]()
    servers.start(cluster.data_dir, said.append)
    assert cluster.pids() == before
    assert said == []


def test_stop_then_start_keeps_the_data(cluster: Cluster) -> None:
    cluster.owner("CREATE TABLE IF NOT EXISTS kept (id int); INSERT INTO kept VALUES (1)")
    servers.stop(cluster.data_dir)
    assert set(cluster.pids().values()) == {None}
    servers.start(cluster.data_dir)
    assert cluster.app("SELECT id FROM kept") == [(1,)]
    cluster.owner("DROP TABLE kept")
