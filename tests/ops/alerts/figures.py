"""Figures and rounds of the watch at times of the tests' choice."""

from datetime import UTC, datetime, timedelta

from ops.models import Alert
from ops.monitoring.alerts.deliver import configured, deliver
from ops.monitoring.alerts.evaluate import evaluate
from ops.monitoring.snapshot import Sample, Snapshot

START = datetime.now(UTC).replace(microsecond=0)
Given = tuple[str, dict[str, str], float]
DOWN: Given = ("foodshare_cache_up", {}, 0.0)  # a critical alert, after a minute
UP: Given = ("foodshare_cache_up", {}, 1.0)


def snapshot(*figures: Given) -> Snapshot:
    taken = Snapshot(START)
    for name, labels, value in figures:
        taken.values.setdefault(name, []).append(Sample(labels, value))
    return taken


def watch(minutes: float, *figures: Given) -> None:
    """What the worker does each minute, so long after the start."""
    evaluate(snapshot(*figures), START + timedelta(minutes=minutes), configured())
    deliver()


def states() -> dict[str, str]:
    """Of every alert that is known."""
    return {str(alert): "ended" if alert.ended_at else "firing" if alert.fired_at else "pending"
            for alert in Alert.objects.all()}
