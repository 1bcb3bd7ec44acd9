"""A snapshot as Prometheus reads it."""

from collections.abc import Iterator

from prometheus_client import Metric as Family
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE
from prometheus_client.registry import Collector

from ops.monitoring.metrics import METRICS, Metric
from ops.monitoring.snapshot import Snapshot

__all__ = ["CONTENT_TYPE", "names_of", "text"]


def names_of(metric: Metric) -> list[str]:
    """The names of its samples."""
    parts = ("_bucket", "_sum", "_count") if metric.kind == "histogram" else ("",)
    return [metric.name + part for part in parts]


class Families(Collector):
    """The families of METRICS of which there are samples."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    def collect(self) -> Iterator[Family]:
        for metric in METRICS:
            family = Family(metric.name.removesuffix("_total"), metric.help, metric.kind)
            for name in names_of(metric):
                for sample in self.snapshot.series(name):
                    family.add_sample(name, sample.labels, sample.value)
            if family.samples:
                yield family


def text(snapshot: Snapshot) -> bytes:
    return generate_latest(Families(snapshot))
