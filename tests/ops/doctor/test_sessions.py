"""Sessions that take long, wait, or do nothing with a transaction open; and connections used up."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from ops.models import StatementEndpoint
from ops.monitoring.doctor.findings import Finding, Severity
from ops.monitoring.fingerprint import fingerprint
from ops.monitoring.sources import connections as source
from tests.databases import connect_parameters, rows, run, value
from tests.ops.doctor.tools import mend, only, subjects
from tests.web.tools import wait_for

pytestmark = pytest.mark.usefixtures("scratch")
SLEEP = "SELECT pg_sleep(60)"


def other() -> "psycopg.Connection[Any]":
    return psycopg.connect(**connect_parameters(), application_name="planted")


@contextmanager
def running(statement: str, wait: str) -> Iterator[int]:
    """Another session that runs the statement, and waits so; ended afterwards."""
    with ThreadPoolExecutor(1) as thread, other() as session:
        pid = session.info.backend_pid
        future = thread.submit(session.execute, statement)
        try:
            wait_for(lambda: value("SELECT wait_event_type FROM pg_stat_activity WHERE pid = %s", pid) == wait)
            yield pid
        finally:
            run("SELECT pg_cancel_backend(%s)", pid)
            assert isinstance(future.exception(10), psycopg.errors.QueryCanceled)


def test_a_quiet_server() -> None:
    checks = ("long_queries", "idle_in_transaction", "blocked", "connections")
    assert [subjects(check) for check in checks] == [[]] * len(checks)


def test_a_statement_that_runs_for_long(scratch: BaseDatabaseWrapper) -> None:
    StatementEndpoint.objects.using("owner").create(fingerprint=fingerprint(SLEEP), endpoint="api/v1/dreams", calls=3,
                                                    statement="SELECT pg_sleep(?)")
    with running(SLEEP, "Timeout") as pid:
        assert subjects("long_queries") == []
        finding = only("long_queries", query=0.0)
        assert finding.by_hand
        nobody_else_is_ended(finding, pid)
        mend(finding)  # `running` sees to it that it was ended
    assert (finding.subject, finding.endpoints) == (f"session {pid}", ("api/v1/dreams",))
    assert finding.what.endswith("SELECT pg_sleep(?)")


def nobody_else_is_ended(finding: Finding, pid: int) -> None:
    """What is said does nothing to who has the session's number later."""
    [statement] = finding.fix_sql
    assert "backend_start" in statement
    assert rows(re.sub(r"'\d{4}-.*'", "'2001-01-01 00:00:00'", statement)) == []
    assert value("SELECT state FROM pg_stat_activity WHERE pid = %s", pid) is not None


@pytest.mark.parametrize("statement", ["CREATE TABLE never AS SELECT 1 AS n FROM pg_sleep(60)",
                                       "REFRESH MATERIALIZED VIEW dreams"])
def test_upkeep_may_take_long(statement: str) -> None:
    run("CREATE MATERIALIZED VIEW IF NOT EXISTS dreams AS SELECT 1 AS n FROM pg_sleep(60) WITH NO DATA")
    with running(statement, "Timeout"):
        assert subjects("long_queries", query=0.0) == []


def test_a_transaction_that_is_left_open() -> None:
    with other() as session:
        session.execute("SELECT 'a secret'")
        assert subjects("idle_in_transaction") == []
        finding = only("idle_in_transaction", idle_in_transaction=0.0)
        assert finding.subject == f"session {session.info.backend_pid}"
        assert "secret" not in finding.what
        mend(finding)
        with pytest.raises(psycopg.OperationalError):
            session.execute("SELECT 1")


def test_a_session_that_waits_for_another() -> None:
    with other() as holder:
        holder.execute("LOCK TABLE food_posts IN ACCESS EXCLUSIVE MODE")
        with running("SELECT count(*) FROM food_posts", "Lock") as waiting:
            assert subjects("blocked") == []
            finding = only("blocked", blocked=0.0)
            assert finding.subject == f"session {waiting}"
            assert subjects("long_queries", query=0.0) == []  # it does nothing but wait
            [statement] = finding.fix_sql  # to cancel what does nothing does nothing
            assert statement.startswith("SELECT pg_terminate_backend(pid)")
            assert f"pid = {holder.info.backend_pid} " in statement


def test_connections_that_are_used_up() -> None:
    """Of all that there may be, other tests have theirs."""
    owner, many = connections["owner"], 30
    used, most = sum(source.by_state(owner).values()), source.limit(owner)
    share = (used + many * 0.5) / most
    with ExitStack() as stack:
        for _ in range(many):
            stack.enter_context(other())
        assert only("connections", connections=share).severity is Severity.WARNING
        assert only("connections", connections=share, connections_critical=share).severity is Severity.CRITICAL
