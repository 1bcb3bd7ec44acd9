"""Faults done to real servers are seen, and seen to be over."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings as configured
from django.db import connection, connections
from django.db.migrations.recorder import MigrationRecorder
from pytest_django import Settings

from foodshare.models import OutboxEvent
from ops.monitoring import snapshot
from ops.monitoring.alerts.deliver import configured as ways
from ops.monitoring.alerts.evaluate import evaluate
from tests.ops.alerts.figures import START, states
from tests.valkeys import OwnValkey

DATABASES = ["default", "owner", *configured.REPLICA_ALIASES]
rolled_back = pytest.mark.django_db(databases=DATABASES)
committed = pytest.mark.django_db(transaction=True, databases=DATABASES)


@pytest.fixture(autouse=True)
def monitoring_directory(settings: Settings, tmp_path: Path) -> None:
    settings.MONITORING_DIR = tmp_path / "monitoring"


def look(hours: float) -> dict[str, str]:
    """What is known after a look at the servers as they are, so long after the start."""
    evaluate(snapshot.take(), START + timedelta(hours=hours), ways())
    return states()


def as_owner(*statements: str) -> None:
    with connections["owner"].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@rolled_back
def test_a_partition_dropped() -> None:
    before = look(0)
    as_owner("SAVEPOINT whole", *(f"DROP TABLE {name}" for name in ahead("messages")))
    look(1)
    assert {name: state for name, state in look(2).items() if name not in before} == {
        "PartitionsMissing messages": "firing", "PartitionsRunOut messages": "firing",
        "PartitionFindings": "firing"}
    as_owner("ROLLBACK TO SAVEPOINT whole")
    assert look(3)["PartitionsMissing messages"] == "ended"


def ahead(table: str) -> list[str]:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass "
                       "AND inhrelid::regclass::text > %s ORDER BY 1", [table, f"{table}_y{START:%Ym%m}"])
        return [name for (name,) in cursor.fetchall()]


@rolled_back
def test_a_migration_not_applied() -> None:
    assert "MigrationsPending" not in look(0)
    recorded = MigrationRecorder(connections["owner"]).migration_qs.filter(app="groups", name="0013_group_activities")
    assert recorded.delete()[0] == 1
    look(1)
    assert look(2)["MigrationsPending"] == "firing"


@rolled_back
def test_a_constraint_never_validated() -> None:
    as_owner("ALTER TABLE profiles ADD CONSTRAINT planted CHECK (true) NOT VALID")
    look(0)
    assert look(24)["ConstraintsInvalid"] == "firing"
    as_owner("ALTER TABLE profiles VALIDATE CONSTRAINT planted")
    assert look(25)["ConstraintsInvalid"] == "ended"


@rolled_back
def test_a_sequence_nearly_used() -> None:
    as_owner("CREATE SEQUENCE planted MAXVALUE 10", "SELECT setval('planted', 9)")
    look(0)
    assert look(1)["SequenceNearlyUsed planted"] == "firing"


@committed
def test_an_index_that_failed_to_be_built() -> None:
    as_owner("CREATE TABLE planted AS SELECT 1 AS n FROM generate_series(1, 2)")
    try:
        with pytest.raises(psycopg.errors.UniqueViolation):
            connections["owner"].connection.execute("CREATE UNIQUE INDEX CONCURRENTLY planted_n ON planted (n)")
        look(0)
        assert look(1)["IndexesInvalid"] == "firing"
    finally:
        as_owner("DROP TABLE planted")
    assert look(2)["IndexesInvalid"] == "ended"


@committed
def test_an_event_set_aside_and_a_failed_job() -> None:
    event = OutboxEvent.objects.create(topic="reputation.events", event_type="food_shared", payload={},
                                       event_id=uuid4(), error="cannot be applied")
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_jobs (queue_name, task_name, args, status) "
                       "VALUES ('default', 'tidy', '{}', 'failed')")
    look(0)
    assert {"OutboxSetAside": "firing", "JobsFailed tidy": "firing"}.items() <= look(1).items()
    event.delete()
    assert look(2)["OutboxSetAside"] == "ended"


@pytest.fixture
def streams(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnValkey]:
    valkey = OwnValkey(tmp_path_factory.mktemp("streams"), "streams")
    settings.STREAM_URL = valkey.url
    yield valkey
    if valkey.server.pid():
        valkey.stop()


@rolled_back
def test_the_streams_server_stopped(streams: OwnValkey) -> None:
    assert "StreamsDown" not in look(0)
    streams.kill()
    look(1)
    assert look(2)["StreamsDown"] == "firing"
    streams.start()
    assert look(3)["StreamsDown"] == "ended"
