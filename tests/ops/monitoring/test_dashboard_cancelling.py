"""Cancelling a statement that really runs: by whom, which, and what is kept of it."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
import pytest
from django.contrib.admin.models import LogEntry
from django.db import connections
from django.test import Client

from ops.monitoring.dashboard.cancelling import session_of
from ops.monitoring.fingerprint import fingerprint
from ops.monitoring.sources.activity import Session
from tests.ops.monitoring.dashboard_people import ADDRESS, client_of, operator

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
SLEEP = "SELECT pg_sleep(30) /* %s */ WHERE 'ada@example.org' <> 'secret'"


@contextmanager
def running(statement: str = SLEEP, alias: str = "default") -> Iterator[tuple[Session, "Future[psycopg.Cursor]"]]:
    """Somebody's session that runs a statement until the block ends."""
    parameters = connections[alias].get_connection_params() | {"application_name": "somebody"}
    parameters.pop("cursor_factory", None)
    parameters.pop("context", None)
    with psycopg.connect(**parameters, autocommit=True) as session, ThreadPoolExecutor(1) as pool:
        done = pool.submit(session.execute, statement)
        try:
            yield seen(session.info.backend_pid), done
        finally:
            session.cancel_safe()


def seen(pid: int) -> Session:
    """The session, once it runs its statement."""
    for _ in range(200):
        connections["owner"].cursor().execute("SELECT pg_stat_clear_snapshot()")  # else a transaction sees no change
        if (session := session_of(pid)) is not None and session.state == "active":
            return session
        time.sleep(0.02)
    raise AssertionError("it does not run")


def address(session: Session) -> str:
    return f"{ADDRESS}running/{session.pid}/cancel"


def answers(session: Session) -> dict[str, str]:
    return {"connected_at": session.connected_at.isoformat(), "state": session.state,
            "statement": fingerprint(session.query)}


@pytest.fixture
def canceller() -> Client:
    return client_of(operator("view_monitoringsample", "cancel_query"))


def test_statement_is_shown_without_its_values(canceller: Client) -> None:
    with running() as (session, _):
        pages = [canceller.get(place).content.decode() for place in (f"{ADDRESS}running", address(session))]
    for html in pages:
        assert "pg_sleep(?)" in html
        assert "ada@example.org" not in html
        assert "secret" not in html


def test_question_cancels_nothing(canceller: Client) -> None:
    with running() as (session, done):
        assert "Cancel this statement" in canceller.get(address(session)).content.decode()
        assert session_of(session.pid) is not None
        assert not done.done()


def test_confirmed_statement_is_cancelled_and_kept_in_the_log(canceller: Client) -> None:
    with running() as (session, done):
        answer = canceller.post(address(session), answers(session), follow=True)
        with pytest.raises(psycopg.errors.QueryCanceled):
            done.result(timeout=10)
    assert "was cancelled" in answer.content.decode()
    (entry,) = LogEntry.objects.all()
    assert entry.user.name == "The operator"
    assert "pg_sleep(?)" in entry.change_message
    assert "ada@example.org" not in entry.change_message


def test_looking_is_not_enough_to_cancel() -> None:
    client = client_of(operator("view_monitoringsample"))
    with running() as (session, done):
        assert "Cancel…" not in client.get(f"{ADDRESS}running").content.decode()
        assert client.get(address(session)).status_code == 403
        assert client.post(address(session), answers(session)).status_code == 403
        assert not done.done()


def test_form_of_another_site_is_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(operator("view_monitoringsample", "cancel_query"))
    with running() as (session, done):
        assert client.post(address(session), answers(session)).status_code == 403
        assert not done.done()


@pytest.mark.parametrize("changed", [{"statement": "0123456789abcdef"}, {"connected_at": "2026-01-01T00:00:00"},
                                     {"connected_at": "nonsense"}, {"statement": ""},
                                     {"state": "idle in transaction"}, {"state": ""}], ids=str)
def test_another_statement_than_was_confirmed_is_not_cancelled(canceller: Client, changed: dict[str, str]) -> None:
    with running() as (session, done):
        canceller.post(address(session), answers(session) | changed)
        assert not done.done()
    assert not LogEntry.objects.exists()


@contextmanager
def idle() -> Iterator[tuple[Session, psycopg.Connection]]:
    """Somebody's session that waits within a transaction."""
    parameters = connections["default"].get_connection_params() | {"application_name": "somebody"}
    parameters.pop("cursor_factory", None)
    parameters.pop("context", None)
    with psycopg.connect(**parameters) as session:
        session.execute("SELECT 'ada@example.org'")
        connections["owner"].cursor().execute("SELECT pg_stat_clear_snapshot()")
        found = session_of(session.info.backend_pid)
        assert found is not None
        yield found, session
        session.close()


def test_session_that_is_idle_in_a_transaction_is_ended(canceller: Client) -> None:
    with idle() as (session, client):
        assert f'{address(session)}">End…</a>' in canceller.get(f"{ADDRESS}running").content.decode()
        assert "End this session" in canceller.get(address(session)).content.decode()
        answer = canceller.post(address(session), answers(session), follow=True)
        with pytest.raises(psycopg.OperationalError):
            client.execute("SELECT 1")
    assert "was ended" in answer.content.decode()
    (entry,) = LogEntry.objects.all()
    assert entry.change_message.startswith("Ended, idle in a transaction, after")


def test_session_that_went_on_is_not_ended(canceller: Client) -> None:
    with idle() as (session, client):
        client.execute("SELECT now()")
        connections["owner"].cursor().execute("SELECT pg_stat_clear_snapshot()")
        canceller.post(address(session), answers(session))
        assert client.execute("SELECT 2").fetchone() == (2,)
        client_of(operator("view_monitoringsample")).post(address(session), answers(session))
        assert client.execute("SELECT 2").fetchone() == (2,)
    assert not LogEntry.objects.exists()


def test_own_session_and_what_is_gone_are_not_cancelled(canceller: Client) -> None:
    own = connections["owner"].cursor().connection.info.backend_pid
    for pid in (own, 2**31 - 1):
        answer = canceller.get(f"{ADDRESS}running/{pid}/cancel", follow=True)
        assert "It no longer runs." in answer.content.decode()
        canceller.post(f"{ADDRESS}running/{pid}/cancel", {"connected_at": "2026-01-01T00:00:00", "statement": "x"})
    assert not LogEntry.objects.exists()


def test_blocked_session_names_the_one_that_blocks_it(canceller: Client) -> None:
    with running("BEGIN; LOCK TABLE idempotency_keys; SELECT pg_sleep(30)", "owner") as (blocker, _), \
            running("SELECT 1 FROM idempotency_keys") as (blocked, _):
        html = canceller.get(f"{ADDRESS}running").content.decode()
        row = html[html.index(f">{blocked.pid}</td>"):].split("</tr>")[0]
    assert f">{blocker.pid}</td>" in row
    assert "Lock: relation" in row
