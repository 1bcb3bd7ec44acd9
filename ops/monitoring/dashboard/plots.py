"""Which figures of the history are drawn together, and how a chart is made of them."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ops.monitoring import history
from ops.monitoring.availability import REQUESTS
from ops.monitoring.dashboard.charts import SHADES, Chart, Series
from ops.monitoring.dashboard.units import Format, count, duration, percent, rate, size, size_rate
from ops.monitoring.history import Stretch, label_of, name_of

Value = Callable[[Stretch], float | None]
Line = tuple[str, Value]  # its name, and its value in a stretch of time
PERIODS = {"1h": (3600, 60), "24h": (86_400, 600), "7d": (604_800, 3600), "90d": (7_776_000, 43_200)}  # seconds, step


@dataclass(frozen=True)
class Plot:
    """A chart that can be drawn of any time: the metrics it needs, and the lines made of those keys that are known."""

    title: str
    unit: Format
    names: Collection[str]
    lines: Callable[[Sequence[str]], Iterable[Line]]
    least: float = 0

    def keys(self, known: Iterable[str]) -> list[str]:
        return [key for key in known if name_of(key) in self.names]

    def chart(self, found: Sequence[Stretch], known: Iterable[str], since: datetime, until: datetime,
              step: int) -> Chart:
        series = [Series(name, [(stretch.at, number) for stretch in found if (number := value(stretch)) is not None])
                  for name, value in self.lines(self.keys(known))]
        drawn = sorted((each for each in series if each.points), key=lambda each: -each.points[-1][1])[:SHADES]
        return Chart(self.title, [each for each in series if each in drawn], since, until,
                     timedelta(seconds=2.5 * step), self.unit, self.least)


def gauge_of(key: str) -> Value:
    return lambda stretch: stretch.figures.get(key)


def rate_of(key: str) -> Value:
    return lambda stretch: stretch.rate(key)


def quantile_of(share: float) -> Value:
    return lambda stretch: history.quantile(share, stretch)


def share_of(part: str, *others: str) -> Value:
    """The part's growth of all growth; nothing where nothing grew."""
    def value(stretch: Stretch) -> float | None:
        whole = sum(stretch.figures.get(key, 0.0) for key in (part, *others))
        return stretch.figures.get(part, 0.0) / whole if whole else None

    return value


def ratio_of(part: str, whole: str) -> Value:
    """One counter's growth by another's."""
    def value(stretch: Stretch) -> float | None:
        return stretch.figures.get(part, 0.0) / stretch.figures[whole] if stretch.figures.get(whole) else None

    return value


def drawn(value_of: Callable[[str], Value], names: dict[str, str]) -> Callable[[Sequence[str]], list[Line]]:
    """A line for each key: called by its metric's words here, or else by its label."""
    return lambda keys: [(" ".join(filter(None, (names[name_of(key)], label_of(key)))), value_of(key)) for key in keys]


def gauges(title: str, unit: Format, least: float = 0, **names: str) -> Plot:
    metrics = {f"foodshare_{name}": words for name, words in names.items()}
    return Plot(title, unit, metrics, drawn(gauge_of, metrics), least)


def rates(title: str, unit: Format = rate, least: float = 0, **names: str) -> Plot:
    metrics = {f"foodshare_{name}": words for name, words in names.items()}
    return Plot(title, unit, metrics, drawn(rate_of, metrics), least)


def fixed(title: str, unit: Format, names: Collection[str], *lines: Line, least: float = 0) -> Plot:
    """Lines that are worked out of several figures."""
    return Plot(title, unit, [f"foodshare_{name}" for name in names], lambda keys: lines, least)


CACHE_READS = tuple(history.key_of("foodshare_cache_reads_total", outcome=outcome)
                    for outcome in ("local", "valkey", "miss", "bypass"))
LATENCY = fixed("Time to answer", duration, ["request_seconds_bucket"],
                ("99%", quantile_of(0.99)), ("95%", quantile_of(0.95)), ("half", quantile_of(0.5)))
HIT_RATIO = fixed(
    "Blocks found in memory", percent, ["database_blocks_hit_total", "database_blocks_read_total"],
    ("hit ratio", share_of("foodshare_database_blocks_hit_total", "foodshare_database_blocks_read_total")))
CACHE_HITS = fixed(
    "Reads answered by the cache", percent, ["cache_reads_total"],
    ("in the process", share_of(CACHE_READS[0], *CACHE_READS[1:])),
    ("in Valkey", share_of(CACHE_READS[1], CACHE_READS[0], *CACHE_READS[2:])))
QUERIES = fixed("SQL statements of a request", count, ["request_queries_total", "request_seconds_count"],
                ("statements", ratio_of("foodshare_request_queries_total", "foodshare_request_seconds_count")))
FAILED = fixed("Requests that failed", percent, ["requests_total"], ("5xx", share_of(REQUESTS[-1], *REQUESTS[:-1])),
               least=0.001)

OVERVIEW = (
    rates("Requests", requests_total=""), LATENCY, FAILED, QUERIES,
    rates("Transactions", database_commits_total="committed", database_rollbacks_total="rolled back"),
    gauges("Connections", count, connections=""), HIT_RATIO, CACHE_HITS,
    gauges("Standbys are late by", duration, replication_lag_seconds=""),
    gauges("Events not yet applied", count, stream_lag="", outbox_waiting="outbox"),
    gauges("Size of the database", size, database_size_bytes="database"),
    rates("Write-ahead log", size_rate, wal_bytes_total="written"),
)
SPACE = (gauges("Size of the database", size, database_size_bytes="database"),
         gauges("Largest tables", size, table_size_bytes=""),
         gauges("Their indexes", size, table_indexes_size_bytes=""),
         gauges("Free on disk", size, disk_free_bytes=""))
CACHE = (CACHE_HITS, rates("Reads", cache_reads_total=""), gauges("Memory", size, cache_memory_bytes="used"),
         rates("Evicted", cache_evictions_total="keys"))
STREAMS = (gauges("Not yet handed out", count, stream_lag=""), gauges("Not yet acknowledged", count, stream_pending=""),
           gauges("Outbox waits", duration, outbox_oldest_seconds="oldest event"),
           gauges("Kept in streams", count, stream_length=""))
REPLICATION = (gauges("Standbys are late by", duration, replication_lag_seconds=""),
               gauges("Log not replayed", size, replication_lag_bytes=""),
               gauges("Log kept for slots", size, replication_slot_kept_bytes=""),
               rates("Readers by server", router_reads_total="", router_fallbacks_total="sent to the primary:"))
BACKUPS = (gauges("Age of the newest backup", duration, backup_age_seconds="age"),
           gauges("Log not yet archived", size, wal_archive_behind_bytes="behind"),
           gauges("Archived log", size, wal_archive_bytes="archive"))


def charts(plots: Sequence[Plot], newest: Iterable[str], period: str, now: datetime) -> list[Chart]:
    """The plots over a period of PERIODS, by one query."""
    seconds, step = PERIODS[period]
    until = history.floor(now, step) + timedelta(seconds=step)
    since = until - timedelta(seconds=seconds)
    known = sorted({*newest, *REQUESTS, *CACHE_READS})
    keys = {key for plot in plots for key in plot.keys(known)}
    found = history.stretches(keys, since, step)
    return [plot.chart(found, known, since, until, step) for plot in plots]
