"""What is at odds between the servers, the machine, the settings and the schema."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.conf import settings as configured
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone
from pytest_django import Settings

from ops.models import MonitoringSample
from ops.monitoring.doctor.checks.servers import SIZE, at_odds, is_low
from ops.monitoring.doctor.findings import Severity
from ops.monitoring.doctor.limits import GB, MB, Limits
from ops.monitoring.sources.server import Hits
from ops.servers.machine import Machine
from ops.servers.state import load
from tests.databases import close_all, drop, run, value
from tests.ops.doctor.tools import embedded_only, flush_statistics, found, only, subjects
from tests.replica.conftest import held_back
from tests.web.tools import wait_for

pytestmark = pytest.mark.usefixtures("scratch")
@embedded_only
def test_servers_as_they_are_set_up() -> None:
    checks = ("hit_rates", "replication", "replication_slots", "settings", "migrations", "schema", "disk",
              "space_growth")
    assert [subjects(check) for check in checks] == [[]] * len(checks)


@pytest.mark.slow
def test_blocks_that_are_not_in_shared_buffers(scratch: BaseDatabaseWrapper) -> None:
    """A database whose files were copied has none of its blocks there."""
    run("CREATE TABLE planted AS SELECT n, repeat('x', 1000) FROM generate_series(1, 10000) AS n")
    shared = scratch.settings_dict["NAME"]
    close_all()
    run_apart(f"CREATE DATABASE {shared}_cold TEMPLATE {shared} STRATEGY file_copy")
    scratch.settings_dict["NAME"] = f"{shared}_cold"
    try:
        assert value("SELECT count(*) FROM planted") == 10_000
        flush_statistics()
        assert subjects("hit_rates") == []  # too little to tell
        assert subjects("hit_rates", hit_rate_blocks=1000) == []  # each was read once
        assert "table" in subjects("hit_rates", hit_rate_blocks=1000, hit_rate_reads=0)
    finally:
        close_all()
        scratch.settings_dict["NAME"] = shared
        drop(scratch, f"{shared}_cold")
        run("DROP TABLE planted")


@pytest.mark.parametrize(("found", "read", "is_told"), [
    (65_223, 990, False),  # a new one of 20 MB
    (65_223, 20_000, False),
    (2_000_000, 2_000, False),
    (2_000_000, 100_000, True),
])  # fmt: skip
def test_a_small_database_that_was_read_once_is_none_that_misses(found: int, read: int, is_told: bool) -> None:
    assert is_low(Hits(found, read), 20 * MB, Limits()) is is_told


def run_apart(statement: str) -> None:
    """Run a statement from another database."""
    with connections["owner"]._nodb_cursor() as cursor:
        cursor.execute(statement)


def test_a_standby_that_is_not_there(settings: Settings) -> None:
    settings.REPLICA_ALIASES = [*settings.REPLICA_ALIASES, "replica"]
    finding = only("replication")
    assert (finding.subject, finding.severity) == ("standbys", Severity.CRITICAL)
@embedded_only
def test_a_standby_that_is_late() -> None:
    with held_back():
        run("CREATE TABLE late AS SELECT generate_series(1, 20000)")
        assert len(wait_for(lambda: subjects("replication", lag_bytes=500_000))) == 1
    run("DROP TABLE late")
    wait_for(lambda: subjects("replication", lag_bytes=500_000) == [])


@pytest.fixture
def slot() -> Iterator[str]:
    """A slot that nobody reads."""
    with keeper() as session:
        session.execute("SELECT pg_create_physical_replication_slot('doctor', true)")
        yield "doctor"
        session.execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots "
                        "WHERE slot_name = 'doctor'")


def keeper() -> "psycopg.Connection[Any]":
    """A session of the server's keeper, who alone may make and drop slots."""
    state = load(configured.FOODSHARE_DATA_DIR)
    assert state is not None
    return psycopg.connect(state.url("primary", "postgres"), autocommit=True)
@embedded_only
def test_a_slot_that_nobody_reads(slot: str) -> None:
    run("CREATE TABLE logged AS SELECT generate_series(1, 20000)")
    run("DROP TABLE logged")
    assert subjects("replication_slots") == []
    [finding] = [each for each in found("replication_slots", slot_kept=500_000) if each.subject == slot]
    assert finding.severity is Severity.WARNING
    with keeper() as session:
        for statement in finding.fix_sql:
            session.execute(statement.encode())
    assert slot not in subjects("replication_slots", slot_kept=500_000)
@embedded_only
def test_a_setting_that_the_platform_cannot_live_with(scratch: BaseDatabaseWrapper) -> None:
    name = scratch.settings_dict["NAME"]
    run(f"ALTER DATABASE {name} SET random_page_cost = 4")
    close_all()
    try:
        [finding] = [each for each in found("settings") if each.subject == "ops.W003"]
        assert "random_page_cost is '4'" in finding.what
    finally:
        run(f"ALTER DATABASE {name} RESET random_page_cost")
        close_all()


def test_settings_that_do_not_fit_a_smaller_machine() -> None:
    small = list(at_odds(connections["owner"], Machine(256 * MB, 0), 1, Limits()))
    assert [finding.subject for finding in small] == ["shared_buffers", "effective_cache_size",
                                                      "max_parallel_workers_per_gather"]
    assert small[0].fix_sql[0] == "ALTER SYSTEM SET shared_buffers = '64MB'"


def test_a_migration_that_is_not_applied() -> None:
    run("DELETE FROM django_migrations WHERE app = 'ops'")
    finding = only("migrations")
    assert (finding.subject, finding.severity) == ("ops.0001_monitoring", Severity.CRITICAL)
    run("INSERT INTO django_migrations (app, name, applied) VALUES ('ops', '0001_monitoring', now())")


@embedded_only
def test_a_disk_that_is_full() -> None:
    assert "data" in subjects("disk", disk_free=1.0)
    assert {each.severity for each in found("disk", disk_free=1.0, disk_free_critical=1.0)} == {Severity.CRITICAL}


def sample(days_ago: float, **figures: float) -> None:
    MonitoringSample.objects.create(at=timezone.now() - timedelta(days=days_ago), seconds=60, figures=figures)


@pytest.fixture
def history() -> Iterator[None]:
    yield
    MonitoringSample.objects.all().delete()


@pytest.mark.usefixtures("history")
def test_a_database_that_grows_fast() -> None:
    sample(6, **{SIZE: 4 * GB})
    sample(0.1, **{SIZE: 5 * GB})
    assert subjects("space_growth") == []
    sample(0, **{SIZE: 7 * GB})
    assert subjects("space_growth") == ["database"]


@pytest.mark.usefixtures("history")
def test_a_disk_that_will_be_full_soon() -> None:
    sample(5, **{SIZE: 400 * GB})
    sample(0, **{SIZE: 410 * GB, "foodshare_disk_free_bytes{place=data}": 40 * GB})
    finding = only("space_growth")
    assert (finding.subject, "in 20 days" in finding.what) == ("disk", True)


@pytest.mark.usefixtures("history")
def test_a_day_of_history_says_nothing() -> None:
    sample(1, **{SIZE: GB})
    sample(0, **{SIZE: 30 * GB})
    assert subjects("space_growth") == []
