"""How much of what was asked was answered, and what is left of the failures that may happen.

It is counted from the samples that workers keep (ops.models.MonitoringSample), so that it outlives restarts, and is of
all machines that have a worker.
"""

import time
from datetime import UTC, datetime, timedelta

from django.db.backends.base.base import BaseDatabaseWrapper

from ops.monitoring.rows import row

OBJECTIVE = 0.999  # the share of requests to be answered without a 5xx
WINDOWS = {"1h": timedelta(hours=1), "1d": timedelta(days=1), "30d": timedelta(days=30)}
BUDGET = "30d"
KEPT = 60.0  # seconds, as there is a sample a minute
# The growth of a counter within a sample, by the first digit of the status.
REQUESTS = tuple(f"foodshare_requests_total{{status={digit}xx}}" for digit in range(1, 6))
COUNTED = """
    SELECT coalesce(sum((SELECT sum((figures ->> key)::float) FROM unnest(%(keys)s::text[]) AS key)), 0),
           coalesce(sum((figures ->> %(failed)s)::float), 0)
    FROM monitoring_samples
    WHERE seconds IN (60, 600, 3600) AND at >= %(since)s AND figures ?| %(keys)s::text[]
"""

_known: dict[tuple[str, str], tuple[float, tuple[float, float]]] = {}  # by database and window: when, and what


def requests(connection: BaseDatabaseWrapper, window: str) -> tuple[float, float]:
    """Requests within a window, and how many of them were answered by a 5xx; up to KEPT seconds ago."""
    key = (connection.settings_dict["NAME"], window)
    found = _known.get(key)
    if found is None or not found[1][0] or time.monotonic() - found[0] > KEPT:
        _known[key] = found = time.monotonic(), counted(connection, datetime.now(UTC) - WINDOWS[window])
    return found[1]


def counted(connection: BaseDatabaseWrapper, since: datetime) -> tuple[float, float]:
    """The same since a time, as the database has it now."""
    total, failed = row(connection, COUNTED, {
        "keys": list(REQUESTS), "failed": REQUESTS[-1], "since": since.replace(tzinfo=None)})
    return float(total), float(failed)


def share(total: float, failed: float) -> float | None:
    """The share of requests answered without a 5xx; None where there was none."""
    return 1 - failed / total if total else None


def budget(total: float, failed: float) -> float | None:
    """What is left of the failures that the objective allows: 1 where none happened, below 0 where there were more."""
    return 1 - failed / (total * (1 - OBJECTIVE)) if total else None
