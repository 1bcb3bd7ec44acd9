"""kill -9 of anything: the next start recovers, nothing committed is lost."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable

import pytest

from ops import servers
from tests.servers.conftest import REPOSITORY
from tests.servers.tools import Cluster, process_state


@pytest.mark.parametrize("name", ["primary", "replica", "cache", "streams"])
@pytest.mark.slow
def test_a_killed_server_comes_back(cluster: Cluster, name: str) -> None:
    others = {other: pid for other, pid in cluster.pids().items() if other != name}
    urls = cluster.urls
    dead = cluster.kill(name)
    servers.start(cluster.data_dir)
    pids = cluster.pids()
    assert pids[name] not in (None, dead)
    assert cluster.urls == urls
    assert {other: pids[other] for other in others} == others
    assert cluster.replicates()


def test_committed_rows_survive_the_kill_of_primary_and_standby(cluster: Cluster) -> None:
    cluster.owner("CREATE TABLE ledger AS SELECT generate_series(1, 5000) AS id")
    cluster.kill("primary")
    cluster.kill("replica")
    servers.start(cluster.data_dir)
    assert cluster.app("SELECT count(*) FROM ledger") == [(5000,)]
    assert cluster.replicates()
    assert cluster.replica("SELECT count(*) FROM ledger") == [(5000,)]
    cluster.owner("DROP TABLE ledger")


def test_acknowledged_events_survive_the_kill_of_the_stream_server(cluster: Cluster) -> None:
    streams = cluster.valkey("STREAM_URL")
    streams.delete("events")
    acknowledged = [streams.xadd("events", {"n": n}) for n in range(200)]
    cluster.kill("streams")
    servers.start(cluster.data_dir)
    entries = cluster.valkey("STREAM_URL").xrange("events") or []
    assert [entry[0] for entry in entries if entry] == acknowledged


@pytest.mark.slow
def test_servers_survive_their_starter_and_its_process_group(
    cluster: Cluster, child: Callable[..., list[str]]
) -> None:
    servers.stop(cluster.data_dir)
    command = [
        "sh",
        "-c",
        'trap "" INT; "$@"; echo started; sleep 60',
        "sh",
        *child("start", cluster.data_dir),
    ]
    starter = subprocess.Popen(
        command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, process_group=0
    )
    assert starter.stdout is not None
    assert starter.stdout.readline() == b"started\n"
    starter.stdout.close()
    before = cluster.pids()
    os.killpg(starter.pid, signal.SIGINT)
    os.killpg(starter.pid, signal.SIGKILL)
    starter.wait()
    assert None not in before.values()
    assert cluster.pids() == before
    assert cluster.replicates()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["primary", "replica", "cache", "streams"])
def test_a_stale_pid_file_naming_a_living_stranger_is_seen_through(cluster: Cluster, name: str) -> None:
    dead = cluster.kill(name)
    file_name = "postmaster.pid" if name in ("primary", "replica") else "valkey.pid"
    pid_file = cluster.directory(name) / file_name
    pid_file.write_text(pid_file.read_text().replace(str(dead), str(os.getpid()), 1))
    shutil.chown(pid_file, cluster.directory(name).owner())
    assert cluster.pids()[name] is None
    servers.start(cluster.data_dir)
    assert cluster.pids()[name] not in (None, os.getpid())
    assert cluster.replicates()


@pytest.mark.slow
def test_a_zombie_does_not_count_as_running(cluster: Cluster, child: Callable[..., list[str]]) -> None:
    """A starter that lives on and never waits for its children keeps a killed server as a zombie."""
    servers.stop(cluster.data_dir)
    command = child("start", cluster.data_dir)
    command[-1] += "; print('started', flush=True); import time; time.sleep(60)"
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE) as starter:
        assert starter.stdout is not None
        assert starter.stdout.readline() == b"started\n"
        dead = {name: cluster.kill(name) for name in ("primary", "replica", "cache", "streams")}
        assert {process_state(pid) for pid in dead.values()} == {"Z"}
        servers.start(cluster.data_dir)
        assert all(pid not in (None, dead[name]) for name, pid in cluster.pids().items())
        assert cluster.replicates()
        starter.kill()


@pytest.mark.slow
def test_a_server_whose_pid_file_was_removed_is_replaced(cluster: Cluster) -> None:
    before = cluster.pids()["primary"]
    (cluster.directory("primary") / "postmaster.pid").unlink()
    servers.start(cluster.data_dir)
    assert cluster.pids()["primary"] not in (None, before)
    assert cluster.replicates()
