"""What nobody looks after is found: partitions, the summary, streams, jobs, the cache, pools, backups."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone
from prometheus_client import CollectorRegistry, Counter
from pytest_django import Settings

from foodshare.cache import statistics
from foodshare.cache.server import ask
from foodshare.models import OutboxEvent
from foodshare.streams.names import GROUPS, REPUTATION, dead_letters_of, streams_of
from groups import summary
from groups.models import CommunityGroup
from ops.monitoring import counters, processes
from ops.monitoring.doctor import examine
from ops.monitoring.doctor.checks import CHECKS
from ops.monitoring.doctor.findings import Severity
from tests.databases import run
from tests.ops.doctor.tools import embedded_only, found, only, subjects
from tests.valkeys import OwnValkey

pytestmark = pytest.mark.usefixtures("scratch")


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnValkey]:
    server = OwnValkey(tmp_path_factory.mktemp("doctor"), "streams")
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def own_streams(valkey: OwnValkey, settings: Settings) -> Any:
    """A streams' server of these tests' own, empty."""
    settings.STREAM_URL = valkey.url
    client = valkey.client()
    client.flushall()
    return client
@embedded_only
def test_all_is_looked_after() -> None:
    checks = ("partitions", "view_age", "view_cost", "streams", "outbox", "jobs", "backups")
    assert [subjects(check) for check in checks] == [[]] * len(checks)


def test_partitions_that_are_missing(scratch: BaseDatabaseWrapper) -> None:
    with scratch.cursor() as cursor:
        cursor.execute("SELECT relid::regclass::text FROM pg_partition_tree('messages') WHERE level > 0 ORDER BY 1")
        names = [name for (name,) in cursor.fetchall()]
    for name in names:
        run(f"ALTER TABLE messages DETACH PARTITION {name}")
    told = [each for each in found("partitions") if each.subject == "messages"]
    assert {each.severity for each in told} == {Severity.CRITICAL, Severity.WARNING}
    assert {each.model for each in told} == {"groups.Message"}
    assert any("maintain_partitions" in each.advice for each in told)


@pytest.fixture
def group() -> Iterator[None]:
    CommunityGroup.objects.create(name="Group", group_type="community")
    yield
    CommunityGroup.objects.all().delete()
    run("COMMENT ON MATERIALIZED VIEW group_activity_summary IS NULL")


@pytest.mark.usefixtures("group")
def test_a_summary_that_nobody_refreshes() -> None:
    before = timezone.now() - timedelta(hours=3)
    run(f"COMMENT ON MATERIALIZED VIEW group_activity_summary IS '{summary.STAMP}{before.isoformat()}'")
    finding = only("view_age")
    assert (finding.subject, finding.model) == ("group_activity_summary", "groups.GroupActivitySummary")
    summary.refresh(connections["owner"])
    assert subjects("view_age") == []


def test_a_summary_that_would_cost_too_much(settings: Settings) -> None:
    settings.GROUP_SUMMARY_COST_LIMIT = 1
    finding = only("view_cost")
    assert summary.SWAP_COMMAND in finding.advice


def test_events_that_nobody_applies(own_streams: Any) -> None:
    stream = streams_of(REPUTATION)[3]
    own_streams.xgroup_create(stream, GROUPS[REPUTATION], id="0", mkstream=True)
    for number in range(20):
        own_streams.xadd(stream, {"number": number})
    assert subjects("streams") == []
    assert subjects("streams", stream_lag=20) == [REPUTATION]
    own_streams.xreadgroup(GROUPS[REPUTATION], "gone", {stream: ">"})
    assert subjects("streams", stream_lag=20) == []
    assert "20 not acknowledged" in only("streams", stream_pending=0.0001).what


def test_events_that_could_not_be_applied(own_streams: Any) -> None:
    own_streams.xadd(dead_letters_of(REPUTATION), {"error": "of no known kind"})
    finding = only("streams")
    assert (finding.check, finding.subject) == ("dead_letters", REPUTATION)


def test_a_server_of_streams_that_is_away_is_not_judged(settings: Settings) -> None:
    settings.STREAM_URL = "redis://127.0.0.1:1/0"
    report = examine(checks={name: CHECKS[name] for name in ("streams", "jobs")})
    assert [each.check for each in report.unjudged] == ["streams"]
    assert report.exit_code == 3


def test_events_that_wait_in_the_outbox() -> None:
    event = OutboxEvent.objects.create(topic=REPUTATION, event_type="food_shared")
    assert subjects("outbox") == []
    OutboxEvent.objects.update(created_at=timezone.now() - timedelta(minutes=10))
    assert subjects("outbox") == ["waiting"]
    OutboxEvent.objects.update(error="of no known kind")
    assert subjects("outbox") == ["set aside"]
    event.delete()


def test_jobs_that_wait_or_failed() -> None:
    insert = "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, scheduled_at) VALUES " \
             "('default', %s, '{}', %s::procrastinate_job_status, now() - interval '1 hour')"
    run(insert, "expire_posts", "todo")
    run(insert, "refresh_summary", "failed")
    assert subjects("jobs") == ["refresh_summary", "waiting"]
    run("DELETE FROM procrastinate_jobs")


def test_a_cache_that_is_of_little_use(settings: Settings) -> None:
    """What the cache's server has counted is everybody's, so that much is added to it, and taken away again."""
    counts = {"planted:miss": 10**9, "planted:checked": 10**9, "planted:stale": 10**7}
    statistics_of(counts)
    try:
        assert {"hits", "stale"} <= set(subjects("cache"))
    finally:
        statistics_of({name: -number for name, number in counts.items()})


def statistics_of(counts: dict[str, int]) -> None:
    ask(lambda server: statistics.add(server, counts))


@pytest.fixture
def registry() -> Iterator[CollectorRegistry]:
    """What this process counts, as if it were a web process and counted nothing else."""
    found = CollectorRegistry()
    processes.count_alone(found.collect)
    yield found
    processes.count_alone(counters.collect)


@pytest.mark.parametrize(("waited", "expected"), [(199, []), (300, ["default"])])
def test_pools_that_are_too_small(waited: int, expected: list[str], registry: CollectorRegistry) -> None:
    Counter("foodshare_pool_requests", "Asked for.", ["alias"], registry=registry).labels("default").inc(2000)
    Counter("foodshare_pool_waited", "Waited.", ["alias"], registry=registry).labels("default").inc(waited)
    assert subjects("pools") == expected
@embedded_only
def test_backups_that_were_never_made(settings: Settings, tmp_path: Path) -> None:
    settings.BACKUP_DIR = tmp_path
    assert subjects("backups") == []  # the database is of today
    run("UPDATE django_migrations SET applied = now() - interval '3 days'")
    told = found("backups")
    assert "there is no backup yet" in [each.what for each in told]
    assert {each.severity for each in told} == {Severity.CRITICAL}
    settings.BACKUP_URL = ""
    assert only("backups").severity is Severity.INFO
