"""Snapshots: taken once in SHARED seconds, by a bounded number of statements, whatever is down."""

import fcntl
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.db import connections
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from ops.monitoring import snapshot
from ops.monitoring.metrics import SHARED
from ops.monitoring.sources import DATABASE
from tests.ops.monitoring.scraped import scrape, values

MOST = 110  # statements of a snapshot, those that begin and end transactions among them
pytestmark = pytest.mark.django_db(databases=["default", "owner", *configured.REPLICA_ALIASES])


def aged(by: float) -> None:
    """Make the kept snapshot so many seconds older."""
    path = snapshot.place()
    kept = snapshot.read(path)
    assert kept is not None
    snapshot.write(path, snapshot.Snapshot(kept.at - timedelta(seconds=by), kept.values))


def test_no_server_is_asked_again_before_time() -> None:
    first = snapshot.current()
    with CaptureQueriesContext(connections["owner"]) as asked:
        second = snapshot.current()
    assert (len(asked), second.at) == (0, first.at)
    age = second.value("foodshare_snapshot_age_seconds")
    assert age is not None
    assert 0 <= age < SHARED
    aged(SHARED)
    assert snapshot.current().at > first.at


def test_a_snapshot_of_the_future_is_not_handed_out() -> None:
    first = snapshot.current()
    aged(-3600)
    assert snapshot.current().at < first.at + timedelta(seconds=1800)


def test_a_damaged_file_is_made_anew() -> None:
    snapshot.current()
    snapshot.place().write_text("{")
    assert snapshot.current().value("foodshare_source_up", source="server") == 1


def test_the_statements_of_a_snapshot_are_bounded() -> None:
    snapshot.take()
    with CaptureQueriesContext(connections["owner"]) as asked:
        snapshot.take()
    assert len(DATABASE) < len(asked) <= MOST
    texts = [query["sql"] for query in asked.captured_queries]
    reads = [text for text in texts if text.lstrip().startswith(("SELECT", "WITH"))]
    assert len(set(reads)) == len(reads), "a statement ran twice"


def test_each_statement_has_two_seconds() -> None:
    with CaptureQueriesContext(connections["owner"]) as asked:
        taken = snapshot.take()
    limits = [query for query in asked.captured_queries if "SET LOCAL statement_timeout = '2s'" in query["sql"]]
    assert len(limits) == len(DATABASE)
    assert taken.value("foodshare_source_up", source="statements") == 1


def test_while_another_process_takes_one_the_last_is_handed_out() -> None:
    first = snapshot.current()
    aged(SHARED + 1)
    with snapshot.place().with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        second = snapshot.current()
    assert second.at == first.at - timedelta(seconds=SHARED + 1)


@pytest.mark.parametrize(("variable", "down", "metric"), [
    ("REDIS_URL", {"cache", "live"}, "foodshare_cache_up"), ("STREAM_URL", {"streams"}, "foodshare_streams_up")])
def test_without_a_valkey_the_rest_is_told(variable: str, down: set[str], metric: str, settings: Settings) -> None:
    setattr(settings, variable, "redis://127.0.0.1:1/0")
    found = scrape()
    up = values(found["foodshare_source_up"], "source")
    assert {name for name, value in up.items() if not value} == down
    assert [sample.value for sample in found[metric].samples] == [0.0]


def test_figures_that_cannot_be_kept_are_told_all_the_same(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings.MONITORING_DIR = tmp_path / "file" / "below"
    assert snapshot.current().value("foodshare_postgres_up", alias="default") == 1
