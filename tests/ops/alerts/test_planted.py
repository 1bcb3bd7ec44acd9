"""Faults done to real servers are seen, and seen to be over."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings as configured
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder
from pytest_django import Settings

from foodshare.models import OutboxEvent
from ops.monitoring.alerts.deliver import configured as ways
from ops.monitoring.alerts.evaluate import evaluate
from ops.monitoring.snapshot import Snapshot, collected
from ops.monitoring.sources import ASIDE, DATABASE
from tests.ops.alerts.figures import START, states
from tests.valkeys import OwnValkey

SOURCES = DATABASE | ASIDE
DATABASES = ["default", "owner", *configured.REPLICA_ALIASES]
rolled_back = pytest.mark.django_db(databases=DATABASES)
committed = pytest.mark.django_db(transaction=True, databases=DATABASES)


def look(hours: float, source: str) -> dict[str, str]:
    """What is known after a look at one source as it is, so long after the start."""
    taken = Snapshot(START)
    taken.add(collected(source, SOURCES[source]))
    evaluate(taken, START + timedelta(hours=hours), ways())
    return states()


def as_owner(*statements: str) -> None:
    with connections["owner"].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@rolled_back
def test_a_partition_dropped() -> None:
    before = look(0, "partitions")
    as_owner("SAVEPOINT whole", *(f"DROP TABLE {name}" for name in ahead("messages")))
    look(1, "partitions")
    assert {name: state for name, state in look(2, "partitions").items() if name not in before} == {
        "PartitionsMissing messages": "firing", "PartitionsRunOut messages": "firing",
        "PartitionFindings": "firing"}
    as_owner("ROLLBACK TO SAVEPOINT whole")
    assert look(3, "partitions")["PartitionsMissing messages"] == "ended"


def ahead(table: str) -> list[str]:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass "
                       "AND inhrelid::regclass::text > %s ORDER BY 1", [table, f"{table}_y{START:%Ym%m}"])
        return [name for (name,) in cursor.fetchall()]


@rolled_back
def test_a_migration_not_applied() -> None:
    assert "MigrationsPending" not in look(0, "migrations")
    recorded = MigrationRecorder(connections["owner"]).migration_qs.filter(app="groups", name="0013_group_activities")
    assert recorded.delete()[0] == 1
    look(1, "migrations")
    assert look(2, "migrations")["MigrationsPending"] == "firing"


@rolled_back
def test_a_constraint_never_validated() -> None:
    as_owner("ALTER TABLE profiles ADD CONSTRAINT planted CHECK (true) NOT VALID")
    look(0, "constraints")
    assert look(24, "constraints")["ConstraintsInvalid"] == "firing"
    as_owner("ALTER TABLE profiles VALIDATE CONSTRAINT planted")
    assert look(25, "constraints")["ConstraintsInvalid"] == "ended"


@rolled_back
def test_a_sequence_nearly_used() -> None:
    as_owner("CREATE SEQUENCE planted MAXVALUE 10", "SELECT setval('planted', 9)")
    look(0, "sequences")
    assert look(1, "sequences")["SequenceNearlyUsed planted"] == "firing"


@committed
def test_an_index_that_failed_to_be_built() -> None:
    as_owner("CREATE TABLE planted AS SELECT 1 AS n FROM generate_series(1, 2)")
    try:
        with pytest.raises(psycopg.errors.UniqueViolation):
            connections["owner"].connection.execute("CREATE UNIQUE INDEX CONCURRENTLY planted_n ON planted (n)")
        look(0, "indexes")
        assert look(1, "indexes")["IndexesInvalid"] == "firing"
    finally:
        as_owner("DROP TABLE planted")
    assert look(2, "indexes")["IndexesInvalid"] == "ended"


@rolled_back
def test_an_event_set_aside() -> None:
    event = OutboxEvent.objects.using("owner").create(topic="reputation.events", event_type="food_shared", payload={},
                                                      event_id=uuid4(), error="cannot be applied")
    look(0, "outbox")
    assert look(1, "outbox")["OutboxSetAside"] == "firing"
    event.delete(using="owner")
    assert look(2, "outbox")["OutboxSetAside"] == "ended"


@rolled_back
def test_a_failed_job() -> None:
    as_owner("INSERT INTO procrastinate_jobs (queue_name, task_name, args, status) "
             "VALUES ('default', 'tidy', '{}', 'failed')")
    look(0, "jobs")
    assert look(1, "jobs")["JobsFailed tidy"] == "firing"


@pytest.fixture
def streams(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnValkey]:
    valkey = OwnValkey(tmp_path_factory.mktemp("streams"), "streams")
    settings.STREAM_URL = valkey.url
    yield valkey
    if valkey.server.pid():
        valkey.stop()


@rolled_back
def test_the_streams_server_stopped(streams: OwnValkey) -> None:
    assert "StreamsDown" not in look(0, "streams")
    streams.kill()
    look(1, "streams")
    assert look(2, "streams")["StreamsDown"] == "firing"
    streams.start()
    assert look(3, "streams")["StreamsDown"] == "ended"
