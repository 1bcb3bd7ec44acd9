"""One round of the worker's watch."""

from datetime import UTC, datetime

from foodshare.db.pools import giving_up
from ops.monitoring import snapshot
from ops.monitoring.alerts.deliver import configured, deliver
from ops.monitoring.alerts.evaluate import evaluate

PATIENCE = 20.0  # seconds


def watch() -> None:
    """Take the figures, bring alerts up to date, and tell people of what changed. Raises OperationalError where the
    database, in which alerts are kept, does not answer in time."""
    found = snapshot.current()
    with giving_up(PATIENCE):
        evaluate(found, datetime.now(UTC), configured())
    with giving_up(PATIENCE):
        deliver()
