"""Plans that are no longer those of the stored baseline."""

from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

from ops.monitoring.doctor.findings import Finding
from ops.monitoring.doctor.limits import Limits


def regressions(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    yield from ()
