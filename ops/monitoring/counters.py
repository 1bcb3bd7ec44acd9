"""What this process counts. With PROMETHEUS_MULTIPROC_DIR set, as `manage.py serve` does, in files that any process of
the machine adds up (ops.monitoring.processes), else in its own memory."""

import threading
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client import Metric as Family

from foodshare.db import pools, standbys
from foodshare.db.tally import Tally
from ops.monitoring import processes
from ops.monitoring.metrics import OF_PROCESSES, Metric

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
POOL_GAUGES = {"foodshare_pool_connections": "size", "foodshare_pool_connections_available": "available",
               "foodshare_pool_connections_limit": "maximum", "foodshare_pool_waiting": "waiting"}
POOL_COUNTERS = {"foodshare_pool_requests_total": "requests", "foodshare_pool_waited_total": "waited",
                 "foodshare_pool_failed_total": "failed"}

processes.enlist()
REGISTRY = CollectorRegistry()


def made(metric: Metric) -> Any:
    if metric.kind == "histogram":
        return Histogram(metric.name, metric.help, metric.labels, registry=REGISTRY, buckets=BUCKETS)
    if metric.kind == "gauge":
        return Gauge(metric.name, metric.help, metric.labels, registry=REGISTRY, multiprocess_mode="livesum")
    return Counter(metric.name, metric.help, metric.labels, registry=REGISTRY)


COUNTED = {metric.name: made(metric) for metric in OF_PROCESSES}
IN_PROGRESS = COUNTED["foodshare_requests_in_progress"]


class Endpoint:
    """What is counted of one endpoint by one method: looked up once."""

    __slots__ = ("label", "method", "name", "queries", "query_seconds", "rows", "seconds", "statuses")

    def __init__(self, method: str, name: str) -> None:
        self.method, self.name, self.label = method, name, f"{method} {name}"
        self.seconds, self.queries, self.query_seconds, self.rows = (
            COUNTED[f"foodshare_{what}"].labels(method, name) for what in (
                "request_seconds", "request_queries_total", "request_query_seconds_total", "request_rows_total"))
        self.statuses: dict[int, Any] = {}

    def count(self, status: int, seconds: float, tally: Tally) -> None:
        """Count an answer, the time until it, and what it took of the databases."""
        self.answered(status).inc()
        self.seconds.observe(seconds)
        if tally.queries:
            self.queries.inc(tally.queries)
            self.query_seconds.inc(tally.seconds)
            self.rows.inc(tally.rows)

    def answered(self, status: int) -> Any:
        """The counter of answers with a status."""
        found = self.statuses.get(status)
        if found is None:
            found = self.statuses[status] = COUNTED["foodshare_requests_total"].labels(
                self.method, self.name, str(status))
        return found


@cache
def endpoint(method: str, name: str) -> Endpoint:
    return Endpoint(method, name)


_lock = threading.Lock()
_told: dict[tuple[str, str], float] = defaultdict(float)  # what was added of what pools and router count themselves


def collect() -> Iterable[Family]:
    """All of it, of this process alone."""
    tell()
    return REGISTRY.collect()


def tell() -> None:
    """Add what this process's pools and router have counted since the last time, and say how they are."""
    with _lock:
        COUNTED["foodshare_processes"].set(1)
        for alias, of_pool in pools.statistics().items():
            tell_pool(alias, of_pool)
        tell_router(standbys.statistics())


def tell_pool(alias: str, found: dict[str, float]) -> None:
    for name, key in POOL_GAUGES.items():
        COUNTED[name].labels(alias).set(found[key])
    for name, key in POOL_COUNTERS.items():
        add(name, alias, found[key])
    add("foodshare_pool_wait_seconds_total", alias, found["wait_ms"] / 1000)


def tell_router(found: dict[str, Any]) -> None:
    for alias, reads in found["reads"].items():
        add("foodshare_router_reads_total", alias, reads)
    for reason, count in found["fallbacks"].items():
        add("foodshare_router_fallbacks_total", reason, count)
    add("foodshare_router_waits_total", "", found["waits"])
    for alias in found["lag"]:
        COUNTED["foodshare_router_in_rotation"].labels(alias).set(alias in found["rotation"])
        COUNTED["foodshare_router_watching"].labels(alias).set(found["watching"])
    COUNTED["foodshare_router_primary_away"].set(found["primary_away"])


def add(name: str, label: str, now: float) -> None:
    """Bring a counter up to what something else has counted; a pool made anew counts from 0."""
    before = _told[name, label]
    counter = COUNTED[name].labels(label) if label else COUNTED[name]
    counter.inc(now - before if now >= before else now)
    _told[name, label] = now
