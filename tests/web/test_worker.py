"""A real worker process runs deferred and periodic jobs."""

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from procrastinate.contrib.django import app

from ops import worker
from tests.web.tools import Cluster, backends, manage, running, terminate, wait_for


@pytest.fixture(autouse=True)
def no_jobs(database: None) -> Iterator[None]:
    yield
    for table in ("periodic_defers", "events", "jobs", "workers"):
        rows(f"DELETE FROM procrastinate_{table} RETURNING 1")


@pytest.fixture
def process(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    with running("worker", "--no-streams", log=tmp_path / "log") as process:
        wait_for(lambda: b"Running jobs" in (tmp_path / "log").read_bytes())
        yield process


def rows(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connections["default"].cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def defer(task: str, path: Path) -> int:
    return app.configure_task(task, allow_unknown=True).defer(path=str(path))


def state(job: int) -> str:
    [(status,)] = rows("SELECT status::text FROM procrastinate_jobs WHERE id = %s", job)
    return str(status)


def test_a_deferred_job_runs_under_the_runtime_role(process: subprocess.Popen[bytes], tmp_path: Path) -> None:
    job = defer("tests.count", tmp_path / "count")
    wait_for(lambda: state(job) == "succeeded")
    assert (tmp_path / "count").read_text() == "0 groups"
    [(role,)] = rows("SELECT DISTINCT usename FROM pg_stat_activity WHERE application_name = %s "
                     "AND datname = current_database()", worker.APPLICATION)
    assert role == connections["default"].settings_dict["USER"]


def test_a_periodic_job_runs_again_and_again(process: subprocess.Popen[bytes]) -> None:
    wait_for(lambda: rows("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'tests.tick' "
                          "AND status = 'succeeded'")[0][0] >= 2)


def test_sigterm_finishes_the_job_in_hand(process: subprocess.Popen[bytes], tmp_path: Path) -> None:
    job = defer("tests.slow", tmp_path / "slow")
    wait_for((tmp_path / "slow").exists)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    assert (tmp_path / "slow").read_text() == "finished"
    assert state(job) == "succeeded"


@pytest.mark.slow
def test_the_worker_goes_on_after_its_connections_were_killed(process: subprocess.Popen[bytes],
                                                              tmp_path: Path) -> None:
    job = defer("tests.count", tmp_path / "first")
    wait_for(lambda: state(job) == "succeeded")
    terminate(backends(worker.APPLICATION))
    job = defer("tests.count", tmp_path / "second")
    wait_for(lambda: state(job) == "succeeded", seconds=60)


def plant(status: str, lock: str | None) -> int:
    """A job of an hour from now; one that is being done is so by a worker that is gone."""
    [(job,)] = rows("INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, status, scheduled_at) "
                    "VALUES ('default', 'tests.count', %s, %s, now() + interval '1 hour') RETURNING id", lock, status)
    return int(job)


def test_what_a_killed_worker_was_doing_is_done_again_or_given_up_for_its_next_run(
        process: subprocess.Popen[bytes]) -> None:
    periodic, waiting, other = plant("doing", "minutely"), plant("todo", "minutely"), plant("doing", None)
    mend = app.configure_task("ops.tasks.retry_stalled_jobs").defer(timestamp=0)
    wait_for(lambda: state(mend) == "succeeded")
    assert [state(job) for job in (periodic, waiting)] == ["aborted", "todo"]
    wait_for(lambda: state(other) == "failed")  # it ran, and had no path to write to


def test_a_concurrency_of_nought_is_refused() -> None:
    with pytest.raises(CommandError, match="--concurrency 0") as refusal:
        call_command("worker", concurrency=0)
    assert refusal.value.returncode == 2


def test_without_its_tables_the_worker_says_what_to_do(cluster: Cluster) -> None:
    result = manage("worker", **cluster.urls)
    assert result.returncode == 1
    assert "manage.py migrate" in result.stderr
