"""`/metrics` exports what METRICS names, and nothing else, with the labels that it names."""

from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest
from django.conf import settings
from django.db import connections
from django.test import Client

from foodshare.cache import statistics
from groups.summary import refresh
from ops.models import MonitoringSample
from ops.monitoring.metrics import METRICS, as_markdown
from ops.monitoring.sources.jobs import WATCH
from tests.factories import client_for, make_exchange, make_user
from tests.groups.standby import needs_standby
from tests.ops.monitoring.scraped import scrape
from tests.web.tools import ROOT, url

# Told only where there is something to tell of: a standby's or Patroni's cluster, backups that were taken and verified.
CONDITIONAL = {
    *(metric.name for metric in METRICS if metric.name.startswith(("foodshare_backup_", "foodshare_wal_archive_"))),
    "foodshare_cluster_leader", "foodshare_cluster_members",
    "foodshare_cache_staleness_ratio",  # where a hit was compared
    "foodshare_index_bloat_bytes",  # of indexes that are large enough to tell
    "foodshare_index_use_ratio",  # where a table has over a thousand rows
    *(metric.name for metric in METRICS if metric.name.startswith("foodshare_pool_")),  # of pools that were opened
}  # fmt: skip
STATISTICS = ("food_posts", "exchanges")
JOB = """
    WITH failed AS (INSERT INTO procrastinate_jobs (task_name, queue_name, priority, status)
                    VALUES ('some.task', 'default', 0, 'failed') RETURNING id),
    judged AS (INSERT INTO procrastinate_jobs (task_name, queue_name, priority, status)
               VALUES (%s, 'default', 0, 'succeeded') RETURNING id),
    told AS (INSERT INTO procrastinate_events (job_id, type) SELECT id, 'succeeded' FROM judged)
    INSERT INTO procrastinate_workers DEFAULT VALUES
"""


@pytest.fixture
def busy(transactional_db: None) -> Iterator[None]:
    """A site on which something has happened, and a lock is held."""
    for _ in range(3):
        make_exchange()
    user = make_user()
    for _ in range(2):
        assert client_for(user).get("/api/v1/food-posts").status_code == 200
        assert client_for(user).get(f"/api/v1/users/{user.pk}").status_code in (200, 404)
    statistics.send()
    MonitoringSample.objects.create(at=datetime.now(UTC), seconds=60,
                                    figures={"foodshare_requests_total{status=2xx}": 10})
    with connections["owner"].cursor() as cursor:
        for table in STATISTICS:
            cursor.execute(f"VACUUM ANALYZE {table}")
        cursor.execute(JOB, [WATCH])
    refresh(connections["owner"])
    with psycopg.connect(url("default")) as other:
        other.execute("SELECT FROM users")
        yield


@needs_standby
@pytest.mark.django_db(transaction=True, databases=["default", "owner", *settings.REPLICA_ALIASES])
def test_all_names_are_exported_and_no_others(busy: None) -> None:
    Client().get("/api/v1/me")
    found, listed = scrape(), {metric.name: metric for metric in METRICS}
    assert set(found) - set(listed) == set()
    assert set(listed) - set(found) - CONDITIONAL == set()
    for name, family in found.items():
        assert family.type == listed[name].kind, name
        labels = {tuple(sorted(set(sample.labels) - {"le"})) for sample in family.samples}
        assert labels == {tuple(sorted(listed[name].labels))}, name


def test_names_say_what_they_are() -> None:
    names = [metric.name for metric in METRICS]
    assert len(set(names)) == len(names)
    for metric in METRICS:
        assert metric.name.startswith("foodshare_")
        assert metric.name.endswith("_total") == (metric.kind == "counter")


def test_the_document_lists_them_all() -> None:
    assert as_markdown() in (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
