"""`manage.py servers` as other programs and people use it."""

import json

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from ops import servers
from tests.servers.tools import Cluster, execute


@pytest.fixture(autouse=True)
def data_dir(settings: Settings, shared_cluster: Cluster) -> None:
    settings.EMBEDDED_SERVERS = True
    settings.FOODSHARE_DATA_DIR = shared_cluster.data_dir


def test_urls_are_one_object_that_other_programs_connect_with(
    cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("servers", "urls", "--json")
    urls = json.loads(capsys.readouterr().out)
    assert [*urls] == ["DATABASE_URL", "DATABASE_OWNER_URL", "REPLICA_URL", "REDIS_URL", "STREAM_URL"]
    assert execute(urls["REPLICA_URL"], "SELECT pg_is_in_recovery()") == [(True,)]


def test_stop_status_start(cluster: Cluster, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("servers", "stop", "--json")
    assert [server["running"] for server in json.loads(capsys.readouterr().out)] == [False] * 4
    with pytest.raises(SystemExit) as exited:
        call_command("servers", "status", "--json")
    assert exited.value.code == 1
    assert [server["running"] for server in json.loads(capsys.readouterr().out)] == [False] * 4
    call_command("servers", "start")
    said = capsys.readouterr().out
    assert said.count("running, pid") == 4
    assert "streaming" in said
    call_command("servers", "status")
    assert capsys.readouterr().out.count("running, pid") == 4
    call_command("servers", "start", "--json")
    assert [server["running"] for server in json.loads(capsys.readouterr().out)] == [True] * 4


def test_a_failure_is_a_command_error(cluster: Cluster) -> None:
    servers.stop(cluster.data_dir)
    version = cluster.directory("primary") / "PG_VERSION"
    version.write_text("17\n")
    with pytest.raises(CommandError, match="PostgreSQL 17"):
        call_command("servers", "start")
    version.write_text("18\n")


def test_with_servers_of_ones_own_it_says_so(settings: Settings) -> None:
    settings.EMBEDDED_SERVERS = False
    with pytest.raises(CommandError, match="DATABASE_URL is set") as refused:
        call_command("servers", "start")
    assert refused.value.returncode == 2
