"""Small data, used for a while, gives no finding at all."""

from collections.abc import Iterator

import pytest
from django.conf import settings as configured
from django.db.backends.base.base import BaseDatabaseWrapper
from pytest_django import Settings

from groups import summary
from ops.benchmarks import sample
from ops.monitoring.doctor import examine
from ops.monitoring.doctor.checks import CHECKS
from ops.monitoring.doctor.limits import Limits
from ops.monitoring.plans.queries import critical
from ops.seed import seed
from tests.ops.doctor.tools import embedded_only
from tests.valkeys import OwnValkey

# The machine's disk is not the platform's, and other tests have the standby wait.
MACHINES_OWN = Limits(disk_free=0.0, lag=120)


@pytest.fixture
def own_servers(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Iterator[None]:
    """A cache and streams without what other tests left there."""
    valkeys = [OwnValkey(tmp_path_factory.mktemp(name), name) for name in ("cache", "streams")]
    settings.REDIS_URL, settings.STREAM_URL = (valkey.url for valkey in valkeys)
    yield
    for valkey in valkeys:
        valkey.stop()


@pytest.mark.slow
@embedded_only
@pytest.mark.usefixtures("own_servers")
def test_small_data_that_is_used(scratch: BaseDatabaseWrapper) -> None:
    seed("demo")
    for _ in range(3):
        for _, calls in critical(sample.take()):
            for call in calls:
                call()
    summary.refresh(scratch)
    report = examine(MACHINES_OWN)
    assert report.unjudged == ()
    assert [(each.check, each.what) for each in report.findings] == []
    assert len(report.checks) == len(CHECKS) > 30
    assert configured.BACKUP_URL
