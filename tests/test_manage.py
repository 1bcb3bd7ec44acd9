"""What every command does when it is interrupted or the database fails it: one line, and no traceback."""

import signal
from pathlib import Path

import pytest

from foodshare.models import User
from ops.servers.state import free_ports
from tests.databases import scratch_database
from tests.web.tools import manage, running, wait_for

SECRET = "s3cret-word"


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_ctrl_c_ends_a_command_in_one_line(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with running("seed_data", "--scale", "small", log=log) as process:
        wait_for(User.objects.exists)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
    assert log.read_text().endswith("interrupted; run it again to go on\n")
    assert "Traceback" not in log.read_text()


@pytest.mark.django_db(databases=["default", "owner"])
@pytest.mark.parametrize("command", [
    ["migrate"], ["serve"],
    *(pytest.param(command, marks=pytest.mark.slow) for command in (
        ["serve_live"], ["worker"], ["showmigrations"], ["quickstart", "--no-serve"], ["verify_schema"],
        ["adopt", "--check"],
        ["seed_data", "--scale", "demo"], ["performance_test"], ["group_summary"], ["maintain_partitions"],
        ["open_forum_category", "recipes"], ["rebuild_reputation", "--check"], ["decay_reputation"],
        ["shell", "-c", "from foodshare.models import User; User.objects.exists()"],
    ))], ids=" ".join)
def test_an_unreachable_database_is_named_in_one_line(command: list[str]) -> None:
    [port] = free_ports(1)
    url = f"postgresql://someone:{SECRET}@127.0.0.1:{port}/foodshare"
    result = manage(*command, DATABASE_URL=url, DATABASE_OWNER_URL=url, REPLICA_URL="")
    assert result.returncode == 1
    last = result.stderr.splitlines()[-1]
    assert "the database cannot be reached" in last
    assert f"the server at 127.0.0.1:{port} runs" in last
    assert not {"Traceback", SECRET} & set(result.stderr.split())


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@pytest.mark.parametrize("command", [
    ["serve_live"],
    *(pytest.param(command, marks=pytest.mark.slow) for command in (["seed_data", "--scale", "demo"],
                                                                    ["performance_test"])),
    ], ids=" ".join)
def test_missing_tables_are_an_error_that_names_migrate(command: list[str]) -> None:
    with scratch_database("empty"):
        result = manage(*command)
    assert result.returncode == 1
    assert result.stderr.count("`manage.py migrate` makes it") == 1
    assert "Traceback" not in result.stderr
