"""What all pages are made from: the figures of now, and what a reader asked for."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from functools import cached_property

from ops.models import MonitoringSample
from ops.monitoring import history, snapshot
from ops.monitoring.dashboard.plots import PERIODS
from ops.monitoring.history import Stretch
from ops.monitoring.snapshot import Sample, Snapshot

YOUNG = timedelta(hours=6)  # a history that is shown by the hour


class Moment:
    """The present. Each thing is read once, and only if a page needs it."""

    def __init__(self, period: str = "") -> None:
        self.at = datetime.now(UTC)
        self.asked = period

    @cached_property
    def period(self) -> str:
        """The one that was asked for, or a day; an hour where a day would be all but empty."""
        if self.asked in PERIODS:
            return self.asked
        return "24h" if history.reaches_back(self.at - YOUNG) else "1h"

    @cached_property
    def snapshot(self) -> Snapshot:
        return snapshot.current()

    @cached_property
    def newest(self) -> MonitoringSample | None:
        return history.newest_sample()

    @cached_property
    def present(self) -> Stretch:
        return history.present(self.snapshot, self.newest)

    @property
    def known(self) -> list[str]:
        """The figures that the history has."""
        return list(self.newest.figures) if self.newest else []

    @property
    def is_recorded(self) -> bool:
        """Whether somebody keeps the history."""
        return self.newest is not None and self.at - self.newest.at < history.STALE

    def value(self, name: str, **labels: str) -> float | None:
        return self.snapshot.value(name, **labels)

    def series(self, name: str) -> list[Sample]:
        return self.snapshot.series(name)

    def greatest(self, name: str) -> float | None:
        return max((sample.value for sample in self.series(name)), default=None)

    def least(self, name: str) -> float | None:
        return min((sample.value for sample in self.series(name)), default=None)

    def by(self, name: str, *labels: str) -> dict[tuple[str, ...], float]:
        """A metric's values by those of its labels."""
        return {tuple(sample.labels.get(label, "") for label in labels): sample.value for sample in self.series(name)}

    def sum_of_rates(self, keys: Collection[str]) -> float | None:
        known = [value for key in keys if (value := self.present.rate(key)) is not None]
        return sum(known) if known else None

    def share(self, part: Collection[str], whole: Collection[str]) -> float | None:
        """How much of what counters grew by, all together, some did; None where nothing grew."""
        grown = sum(self.present.figures.get(key, 0.0) for key in whole)
        return sum(self.present.figures.get(key, 0.0) for key in part) / grown if grown else None
