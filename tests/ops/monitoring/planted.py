"""A past of up to 90 days, as a platform in use would have it: busy evenings, quiet nights, slow growth."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import pi, sin
from types import MappingProxyType

from ops.models import MonitoringBaseline, MonitoringSample, StatementSample
from ops.monitoring.history import ELAPSED, HOUR, MINUTE, TEN_MINUTES, floor, key_of

LIMITS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)  # of the histogram of times, seconds
WITHIN = (0.22, 0.55, 0.8, 0.92, 0.97, 0.99, 0.998, 1.0)  # shares answered within them
MB, GB = 2**20, 2**30


def plant_history(now: datetime, sizes: Mapping[str, float] = MappingProxyType({}), days: int = 90) -> None:
    """Samples of a minute for the last day, of ten minutes for a week, and of an hour before. What has a size grew to
    those of `sizes`, if any."""
    times = [(now - timedelta(days=days) + timedelta(hours=number), HOUR) for number in range((days - 7) * 24)]
    times += [(now - timedelta(days=7) + timedelta(minutes=10 * number), TEN_MINUTES) for number in range(6 * 144)]
    times += [(now - timedelta(days=1) + timedelta(minutes=number), MINUTE) for number in range(1440)]
    MonitoringSample.objects.bulk_create(
        [MonitoringSample(at=floor(at, seconds), seconds=seconds, figures=figures(at, now, seconds, sizes))
         for at, seconds in times], batch_size=500)
    MonitoringBaseline.objects.create(name="figures", at=now)


def plant_minutes(now: datetime, number: int) -> None:
    """The last minutes alone."""
    times = [floor(now - timedelta(minutes=each), MINUTE) for each in range(1, number + 1)]
    MonitoringSample.objects.bulk_create(
        MonitoringSample(at=at, seconds=MINUTE, figures=figures(at, now, MINUTE, {})) for at in times)
    MonitoringBaseline.objects.create(name="figures", at=now)


def figures(at: datetime, now: datetime, seconds: int, sizes: Mapping[str, float]) -> dict[str, float]:
    """A sample's, from the time of the day, and how long ago it is."""
    hour = at.hour + at.minute / 60
    noise = sin(at.timestamp() / 97) * sin(at.timestamp() / 1313)
    busy = max(0.08, sin((hour - 6) / 24 * 2 * pi) * 0.5 + 0.55 + 0.08 * noise) * (1 + at.weekday() // 5 * 0.3)
    grown = 1 - (now - at) / timedelta(days=180)
    served = 42 * busy * grown * seconds
    found = counters(served, busy, seconds) | gauges(busy, grown, noise)
    return found if not sizes else {key: value for key, value in found.items() if "_size_bytes" not in key} | {
        key: size * grown for key, size in sizes.items()}


def counters(served: float, busy: float, seconds: int) -> dict[str, float]:
    slower = [share - (0.1 * busy if share < 0.95 else 0) for share in WITHIN]
    return {
        ELAPSED: seconds,
        key_of("foodshare_requests_total", status="2xx"): served * 0.955,
        key_of("foodshare_requests_total", status="3xx"): served * 0.02,
        key_of("foodshare_requests_total", status="4xx"): served * 0.0246,
        key_of("foodshare_requests_total", status="5xx"): served * 0.0004 * (busy > 0.9),
        **{key_of("foodshare_request_seconds_bucket", le=f"{limit}"): served * share
           for limit, share in zip(LIMITS, slower, strict=True)},
        key_of("foodshare_request_seconds_bucket", le="+Inf"): served,
        "foodshare_request_seconds_count": served, "foodshare_request_queries_total": served * (2.1 + busy / 3),
        "foodshare_database_commits_total": served * 2.4, "foodshare_database_rollbacks_total": served * 0.01,
        "foodshare_database_blocks_hit_total": served * 210, "foodshare_database_blocks_read_total": served * busy,
        "foodshare_wal_bytes_total": served * 2600,
        key_of("foodshare_cache_reads_total", outcome="local"): served * 0.5,
        key_of("foodshare_cache_reads_total", outcome="valkey"): served * 0.38,
        key_of("foodshare_cache_reads_total", outcome="miss"): served * (0.08 + busy / 20),
        key_of("foodshare_cache_reads_total", outcome="bypass"): served * 0.02,
        key_of("foodshare_router_reads_total", alias="default"): served * 0.2,
        key_of("foodshare_router_reads_total", alias="replica"): served * 0.7,
        "foodshare_cache_evictions_total": 0,
    }  # fmt: skip


def gauges(busy: float, grown: float, noise: float) -> dict[str, float]:
    tables = {"messages": 2100, "food_posts": 860, "status_updates": 640, "exchanges": 310, "forum_posts": 240}
    return {
        key_of("foodshare_connections", state="active"): round(2 + 9 * busy),
        key_of("foodshare_connections", state="idle"): round(58 - 6 * busy),
        key_of("foodshare_connections", state="idle in transaction"): round(2 * busy),
        key_of("foodshare_replication_lag_seconds", standby="standby1"): 0.004 + 0.02 * busy**2,
        key_of("foodshare_replication_lag_bytes", standby="standby1"): 20_000 * busy,
        key_of("foodshare_replication_slot_kept_bytes", slot="standby1"): 16 * MB,
        key_of("foodshare_stream_lag", topic="reputation.events"): round(max(0, 30 * busy + 12 * noise)),
        key_of("foodshare_stream_pending", topic="reputation.events"): round(6 * busy),
        key_of("foodshare_stream_length", topic="reputation.events"): 10_000 * grown,
        "foodshare_outbox_waiting": round(4 * busy), "foodshare_outbox_oldest_seconds": 0.4 * busy,
        "foodshare_database_size_bytes": 6.8 * GB * grown,
        **{key_of("foodshare_table_size_bytes", table=name): size * MB * grown for name, size in tables.items()},
        **{key_of("foodshare_table_indexes_size_bytes", table=name): size * MB * 0.45 * grown
           for name, size in tables.items()},
        key_of("foodshare_disk_free_bytes", place="data"): (60 - 7 * grown) * GB,
        "foodshare_cache_memory_bytes": (30 + 14 * busy) * MB,
    }  # fmt: skip


def plant_statement_hours(now: datetime, fingerprint: str) -> None:
    """A week of one statement, by the hour."""
    hours = [floor(now, HOUR) - timedelta(hours=number) for number in range(168)]
    StatementSample.objects.bulk_create(
        StatementSample(at=hour, fingerprint=fingerprint, calls=(calls := 4000 + 300 * abs(12 - hour.hour)),
                        milliseconds=calls * (0.9 + abs(12 - hour.hour) / 20), rows=calls * 20, blocks_read=calls // 9)
        for hour in hours)
