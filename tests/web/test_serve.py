"""`manage.py serve` refuses what the databases cannot bear, and stops cleanly."""

import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ops import web
from ops.servers.state import free_ports
from tests.web.tools import Cluster, manage, served, wait_for


@pytest.mark.parametrize(
    ("arguments", "variables", "message"),
    [
        (["--workers", "3"], {"POOL_OVERFLOW": "30"},
         "3 workers × (50 primary + 30 replica) = 240 connections: more than 200, the most FoodShare allows itself; "
         "use --workers 2 or a smaller POOL_OVERFLOW"),
        (["--workers", "5"], {"POOL_OVERFLOW": "30", "REPLICA_POOL_SIZE": "1", "REPLICA_POOL_OVERFLOW": "0"},
         "5 workers × (50 primary) = 250 connections, and 10 for jobs and upkeep: more than 245, what the server"),
        (["--threads", "51"], {}, "--threads 51: more than the 50 connections of a process's pool"),
        (["--workers", "0"], {}, "--workers 0: must be at least 1"),
        (["--port", "80000"], {}, "--port 80000: must be from 1 to 65535"),
        (["--host", "no.such.host.invalid"], {}, "cannot listen on no.such.host.invalid:8000"),
    ],
)
def test_what_cannot_work_is_refused(cluster: Cluster, arguments: list[str], variables: dict[str, str],
                                     message: str) -> None:
    result = manage("serve", *arguments, **cluster.urls | variables)
    assert result.returncode == 2
    assert message in result.stderr


def test_a_limit_of_the_role_counts(cluster: Cluster) -> None:
    cluster.as_superuser("ALTER ROLE foodshare_app CONNECTION LIMIT 59")
    try:
        result = manage("serve", "--workers", "1", **cluster.urls)
    finally:
        cluster.as_superuser("ALTER ROLE foodshare_app CONNECTION LIMIT -1")
    assert result.returncode == 2
    assert "1 worker × (50 primary) = 50 connections, and 10 for jobs and upkeep: more than 59" in result.stderr


def test_a_port_in_use_is_named(cluster: Cluster) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = manage("serve", "--port", str(taken.getsockname()[1]), **cluster.urls)
    assert result.returncode == 2
    assert "Address already in use" in result.stderr


def test_the_default_number_of_workers_fits() -> None:
    sums = [web.PoolSum({"default": 50, "replica": 30}, 0, 200, ""), web.PoolSum({"default": 50}, 10, 97, "")]
    assert web.default_workers(sums) == 1
    assert web.refusals(sums, 1, web.default_threads()) == []
    assert len(web.refusals(sums, 2, web.default_threads())) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_every_process_and_the_request_in_hand_is_answered(
    database: None, tmp_path: Path, number: signal.Signals
) -> None:
    with served(tmp_path / "log", workers=2, threads=4) as site, ThreadPoolExecutor(1) as client:
        answer = client.submit(site.ask, "/primary?wait=2")
        wait_for(lambda: site.ask("/statistics")[0] == 200)
        site.process.send_signal(number)
        assert site.process.wait(30) == 0
        assert answer.result()[0] == 200
    with pytest.raises(ConnectionError):
        site.ask("/statistics")


def test_static_files_of_the_admin_and_the_api_docs_are_served(database: None, tmp_path: Path) -> None:
    with served(tmp_path / "log", workers=1, threads=2) as site:
        for path in ("admin/css/base.css", "drf_spectacular_sidecar/swagger-ui-dist/swagger-ui.css"):
            assert site.ask(f"/static/{path}")[0] == 200


def test_an_unreachable_database_is_named(database: None, tmp_path: Path) -> None:
    [port] = free_ports(1)
    result = manage("serve", DATABASE_URL=f"postgresql://foodshare_app@127.0.0.1:{port}/foodshare")
    assert result.returncode == 1
    assert "the database cannot be reached" in result.stderr
