"""The worker's jobs that keep figures over time."""

from datetime import UTC, datetime

import pytest

from ops import tasks
from ops.models import MonitoringBaseline, MonitoringSample
from ops.monitoring import history

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
NOW = int(datetime.now(UTC).timestamp())


def test_figures_of_the_real_servers_are_kept() -> None:
    tasks.record_figures(NOW)
    tasks.record_figures(NOW)  # a job may run twice
    (sample,) = MonitoringSample.objects.all()
    names = {history.name_of(key) for key in sample.figures}
    assert {"foodshare_database_size_bytes", "foodshare_connections", "foodshare_table_size_bytes",
            "foodshare_cache_memory_bytes"} <= names
    assert len(sample.figures) < 300
    counted = MonitoringBaseline.objects.get(name="figures").figures
    assert counted["foodshare_database_commits_total"] > 0


def test_statements_of_the_real_server_are_kept() -> None:
    tasks.record_statements(NOW)
    assert tasks.record_statements(NOW) > 0


def test_nothing_young_is_forgotten() -> None:
    tasks.record_figures(NOW)
    assert tasks.forget_figures(NOW) == 0
