"""One round of the worker's watch."""

from datetime import UTC, datetime

from ops.monitoring import snapshot
from ops.monitoring.alerts.deliver import configured, deliver
from ops.monitoring.alerts.evaluate import evaluate


def watch() -> None:
    """Take the figures, bring alerts up to date, and tell people of what changed."""
    evaluate(snapshot.current(), datetime.now(UTC), configured())
    deliver()
