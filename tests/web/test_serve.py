"""`manage.py serve` refuses what the databases cannot bear, and stops cleanly."""

import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from ops import web
from ops.servers.state import free_ports
from tests.web.tools import Cluster, manage, running, served, wait_for


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"threads": 51}, "--threads 51: more than the 50 connections of a process's pool"),
        ({"workers": 0}, "--workers 0: must be at least 1"),
        ({"port": 80000}, "--port 80000: must be from 1 to 65535"),
        ({"host": "no.such.host.invalid"}, "cannot listen on no.such.host.invalid:8000"),
    ],
)
def test_what_cannot_work_is_refused(database: None, options: dict[str, Any], message: str) -> None:
    with pytest.raises(CommandError, match=message) as refusal:
        call_command("serve", **options)
    assert refusal.value.returncode == 2


@pytest.mark.slow
def test_the_sum_of_all_pools_is_spelled_out(cluster: Cluster) -> None:
    result = manage("serve", "--workers", "3", **cluster.urls)
    assert result.returncode == 2
    assert ("3 workers × (50 primary + 30 replica + 2 that watch) = 246 connections: more than 200, the most "
            "FoodShare allows itself; use --workers 2 or a smaller POOL_OVERFLOW") in result.stderr


def test_the_sum_on_one_server_is_spelled_out(database: None, settings: Settings) -> None:
    settings.REPLICA_ALIASES = []
    given = web.room("default")
    sums = list(web.server_sums())
    workers = sums[0].most_workers + 1
    assert [each.refusal(workers - 1) for each in sums] == [None]
    assert sums[0].refusal(workers) == (
        f"{workers} workers × (50 primary) = {50 * workers} connections, and 10 for jobs and upkeep: "
        f"more than {given}, {sums[0].reason}; use --workers {workers - 1} or a smaller POOL_OVERFLOW")


def test_a_limit_of_the_role_counts(cluster: Cluster) -> None:
    cluster.as_superuser("ALTER ROLE foodshare_app CONNECTION LIMIT 59")
    try:
        result = manage("serve", "--workers", "1", **cluster.urls)
    finally:
        cluster.as_superuser("ALTER ROLE foodshare_app CONNECTION LIMIT -1")
    assert result.returncode == 2
    assert ("1 worker × (50 primary + 1 that watch) = 51 connections, and 10 for jobs and upkeep: more than 59"
            in result.stderr)


def test_a_port_in_use_is_named(database: None) -> None:
    with (socket.create_server(("127.0.0.1", 0)) as taken,
          pytest.raises(CommandError, match="Address already in use") as refusal):
        call_command("serve", port=taken.getsockname()[1])
    assert refusal.value.returncode == 2


def test_the_default_number_of_workers_fits() -> None:
    sums = [web.PoolSum({"default": 50, "replica": 30}, 0, 200, ""), web.PoolSum({"default": 50}, 10, 97, "")]
    assert web.default_workers(sums) == 1
    assert web.refusals(sums, 1, web.default_threads()) == []
    assert len(web.refusals(sums, 2, web.default_threads())) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.slow
def test_a_signal_ends_every_process_and_the_request_in_hand_is_answered(
    database: None, tmp_path: Path, number: signal.Signals
) -> None:
    with served(tmp_path / "log", workers=2, threads=4) as site, ThreadPoolExecutor(1) as client:
        answer = client.submit(site.ask, "/primary?wait=2&count=in+hand")
        wait_for(lambda: "in hand" in site.ask("/statistics")[1]["counted"])
        site.process.send_signal(number)
        assert site.process.wait(30) == 0
        assert answer.result()[0] == 200
    with pytest.raises(ConnectionError):
        site.ask("/statistics")


def test_a_server_told_to_stop_while_it_starts_does_so_at_once(database: None, tmp_path: Path) -> None:
    [port] = free_ports(1)
    with running("serve", "--port", str(port), "--workers", "2", log=tmp_path / "log") as process:
        wait_for(lambda: len(children(process.pid)) == 2)
        process.send_signal(signal.SIGTERM)
        process.wait(web.STOP_SECONDS / 2)


@pytest.mark.slow
def test_no_process_outlives_a_killed_server(database: None, tmp_path: Path) -> None:
    with served(tmp_path / "log", workers=2, threads=2) as site:
        pids = wait_for(lambda: children(site.process.pid))
        site.process.kill()
        wait_for(lambda: not any(Path(f"/proc/{pid}/stat").exists() for pid in pids))


def children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def test_static_files_of_the_admin_and_the_api_docs_are_served(database: None, tmp_path: Path) -> None:
    with served(tmp_path / "log", workers=1, threads=2) as site:
        for path in ("admin/css/base.css", "drf_spectacular_sidecar/swagger-ui-dist/swagger-ui.css"):
            assert site.ask(f"/static/{path}")[0] == 200
