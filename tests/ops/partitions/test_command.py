"""`manage.py maintain_partitions`, and the job that does the same every day."""

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from procrastinate.contrib.django import app
from pytest_django import DjangoDbBlocker, Settings

from foodshare.db.locks import alone
from groups.partitions import MESSAGES
from ops.partitions.errors import PartitionError
from ops.tasks import maintain_partitions
from tests.databases import connect_parameters, run, scratch_database
from tests.ops.partitions.tools import made_at, names, shifted

transaction = pytest.mark.django_db(databases=["default", "owner"])


def command(*arguments: str) -> tuple[int, str]:
    """Run it; its exit code and what it printed."""
    output, code = StringIO(), 0
    try:
        call_command("maintain_partitions", *arguments, stdout=output, stderr=output, no_color=True)
    except SystemExit as exit_:
        code = int(exit_.code or 0)
    return code, output.getvalue()


@transaction
def test_a_dry_run_prints_the_plan_and_changes_nothing() -> None:
    at, new = shifted(MESSAGES, 2), MESSAGES.period.name_of("messages", shifted(MESSAGES, 4))
    before = names("messages")
    code, output = command("--dry-run", "--at", str(at))
    assert code == 1
    assert f"+ {new}: from {shifted(MESSAGES, 4)} to {shifted(MESSAGES, 5)}\n" in output
    assert "messages: has 1 future partitions, fewer than 2" in output
    assert names("messages") == before


@transaction
def test_run_twice_it_does_nothing() -> None:
    at = str(shifted(MESSAGES, 1))
    code, output = command("--at", at)
    assert code == 0
    assert output.count("+ messages_") == 1
    assert "steps done; no findings" in output
    assert command("--at", at) == (0, "nothing to do; no findings\n")


@transaction
def test_a_finding_is_exit_code_1() -> None:
    run("CREATE TABLE messages_y2020m01 ()")
    code, output = command("--dry-run", "--at", str(made_at()))
    assert code == 1
    assert output.startswith("messages_y2020m01: has the name of a partition")
    assert output.endswith("nothing to do; 1 findings\n")


@transaction
def test_as_json() -> None:
    run("CREATE TABLE messages_y2020m01 ()")
    code, output = command("--json", "--dry-run", "--at", str(made_at()))
    found = json.loads(output)
    assert (code, found["ok"], found["dry_run"], found["plan"], found["failures"]) == (1, False, True, [], [])
    [finding] = found["findings"]
    assert finding.keys() == {"name", "problem", "remedy"}


@pytest.mark.parametrize("at", ["tomorrow", "2026-13-01", "2026-02-30", "1066-10-14", "9999-12-31"])
def test_a_bad_date_is_named(at: str) -> None:
    with pytest.raises(CommandError, match=at):
        command("--at", at)


@transaction
def test_a_second_run_at_the_same_time_is_refused() -> None:
    with psycopg.connect(**connect_parameters()) as another:
        another.execute("SELECT pg_advisory_lock(hashtextextended('maintain_partitions', 0))")
        with pytest.raises(CommandError, match="another run of it is under way"):
            command()
        another.execute("SELECT pg_advisory_unlock_all()")
    with alone(connections["owner"], "maintain_partitions") as is_alone:
        assert is_alone


def test_without_tables_it_says_so(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock(), scratch_database("empty"), \
            pytest.raises(CommandError, match=r"manage\.py migrate"):
        command()


@transaction
def test_interrupted_it_says_so_and_goes_on_the_next_time() -> None:
    """Interrupted as it makes the third of its partitions: the first two stay."""
    calls: list[str] = []

    def interrupt(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        calls.extend([sql] if "_partition(" in sql else [])
        if len(calls) == 3:
            raise KeyboardInterrupt
        return execute(sql, *arguments)

    at, before = made_at() + timedelta(days=70), len(names("messages")) + len(names("status_updates"))
    with connections["owner"].execute_wrapper(interrupt), pytest.raises(CommandError, match="run it again") as caught:
        command("--at", str(at))
    assert caught.value.returncode == 130
    assert len(names("messages")) + len(names("status_updates")) == before + 2
    code, output = command("--at", str(at))
    assert (code, output.endswith("no findings\n")) == (0, True)


def test_the_job_makes_partitions_and_logs_findings(scratch: BaseDatabaseWrapper, caplog: pytest.LogCaptureFixture
                                                    ) -> None:
    run("CREATE TABLE messages_y2020m01 ()")
    last = names("messages")[-1]
    run(f"DROP TABLE {last}")
    with caplog.at_level(logging.WARNING, logger="ops.tasks"):
        maintain_partitions(timestamp=0)
    assert last in names("messages")
    [record] = caplog.records
    assert record.getMessage().startswith("partitions: messages_y2020m01: has the name of a partition")


def test_the_job_fails_with_the_step_that_failed(scratch: BaseDatabaseWrapper) -> None:
    last = names("messages")[-1]
    run(f"DROP TABLE {last}; CREATE VIEW {last} AS SELECT 1")
    with pytest.raises(PartitionError, match=f"{last}: a step failed"):
        maintain_partitions(timestamp=0)


def test_the_job_is_due_every_day_before_the_statistics() -> None:
    crons = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}
    assert (crons["ops.tasks.maintain_partitions"], crons["ops.tasks.analyze"]) == ("40 2 * * *", "20 3 * * *")


def test_the_settings_are_those_of_the_environment(settings: Settings) -> None:
    assert settings.PARTITION_KEEP == {"messages": None, "status_updates": None, "forum_posts": None}
    assert settings.PARTITIONS_PAST == "detach"
    assert settings.PARTITION_ARCHIVE_DIR == settings.FOODSHARE_DATA_DIR / "archive"


@transaction
def test_what_would_harm_the_present_day_is_only_shown(settings: Settings) -> None:
    past, future = str(made_at() - timedelta(days=400)), str(made_at() + timedelta(days=100))
    with pytest.raises(CommandError, match="leave a gap") as refused:
        command("--at", past)
    assert refused.value.returncode == 2
    settings.PARTITION_KEEP = settings.PARTITION_KEEP | {"messages": 1}
    with pytest.raises(CommandError, match="still in use") as refused:
        command("--at", future)
    assert refused.value.returncode == 2
    _, output = command("--dry-run", "--at", future)
    assert f"- messages_y{made_at():%Ym%m}" in output
    assert f"messages_y{made_at():%Ym%m}" in names("messages")
