"""Figures over time: a sample a minute, merged to ten minutes after a day, to an hour after a week, gone after 90 days.

A sample holds gauges as they were, and what counters grew by since the sample before, over `ELAPSED` seconds: a rate is
the one by the other, whatever was merged or restarted. A counter that is lower than before began anew, and what it
counts since is all that is known of.

The servers' figures are the same wherever they are taken, and kept once a minute. What web processes count is known on
their own machine only: a worker of each machine adds that machine's to the minute's sample, which has the sum.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import inf
from platform import node
from typing import Any
from zlib import crc32

from django.db import connection, connections, transaction
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from ops.models import MonitoringBaseline, MonitoringSample, StatementEndpoint, StatementSample
from ops.monitoring import processes
from ops.monitoring.metrics import OF_PROCESSES, TOP
from ops.monitoring.snapshot import Sample, Snapshot
from ops.monitoring.sources.statements import statements

MINUTE, TEN_MINUTES, HOUR = 60, 600, 3600
MERGED = ((MINUTE, TEN_MINUTES, timedelta(days=1)), (TEN_MINUTES, HOUR, timedelta(days=7)))  # from, to, at what age
KEPT_FOR = timedelta(days=90)
MOST = TOP  # series of a figure: the greatest; as many as there are of tables, so that all figures of a table are kept
MOST_STATEMENTS = 1000  # that are looked at for what they did within an hour
STALE = timedelta(minutes=5)  # age of a sample that tells nothing of the present
BATCH = 200  # samples to merge into, and thousands of rows to forget, in one run
ELAPSED = "elapsed"  # the figure that says how many seconds the counters' growth took
COUNTERS = ("_total", "_bucket", "_sum", "_count")  # endings of their names
PROCESSES = tuple(metric.name for metric in OF_PROCESSES)
SERVERS, MACHINE = "figures", "machine "  # names of baselines: of the servers, and of a machine's web processes
Figures = dict[str, float]


@dataclass(frozen=True)
class Kept:
    """A metric that is kept, told apart `by` these labels; what differs in other labels is added up."""

    name: str
    by: tuple[str, ...] = ()


KEPT = (
    Kept("foodshare_requests_total", ("status",)),
    Kept("foodshare_request_seconds_bucket", ("le",)),
    Kept("foodshare_request_seconds_sum"),
    Kept("foodshare_request_seconds_count"),
    Kept("foodshare_request_queries_total"),
    Kept("foodshare_request_query_seconds_total"),
    Kept("foodshare_request_rows_total"),
    Kept("foodshare_requests_in_progress"),
    Kept("foodshare_processes"),
    Kept("foodshare_pool_connections", ("alias",)),
    Kept("foodshare_pool_waiting", ("alias",)),
    Kept("foodshare_pool_requests_total", ("alias",)),
    Kept("foodshare_pool_waited_total", ("alias",)),
    Kept("foodshare_pool_failed_total", ("alias",)),
    Kept("foodshare_pool_wait_seconds_total", ("alias",)),
    Kept("foodshare_router_reads_total", ("alias",)),
    Kept("foodshare_router_fallbacks_total", ("reason",)),
    Kept("foodshare_database_size_bytes"),
    Kept("foodshare_database_commits_total"),
    Kept("foodshare_database_rollbacks_total"),
    Kept("foodshare_database_deadlocks_total"),
    Kept("foodshare_database_temp_bytes_total"),
    Kept("foodshare_database_blocks_hit_total"),
    Kept("foodshare_database_blocks_read_total"),
    Kept("foodshare_checkpoints_total", ("cause",)),
    Kept("foodshare_wal_bytes_total"),
    Kept("foodshare_connections", ("state",)),
    Kept("foodshare_connections_limit"),
    Kept("foodshare_transaction_oldest_seconds"),
    Kept("foodshare_query_oldest_seconds"),
    Kept("foodshare_locks_waiting"),
    Kept("foodshare_table_size_bytes", ("table",)),
    Kept("foodshare_table_indexes_size_bytes", ("table",)),
    Kept("foodshare_table_dead_rows", ("table",)),
    Kept("foodshare_xid_age"),
    Kept("foodshare_replication_lag_bytes", ("standby",)),
    Kept("foodshare_replication_lag_seconds", ("standby",)),
    Kept("foodshare_replication_slot_kept_bytes", ("slot",)),
    Kept("foodshare_cache_reads_total", ("outcome",)),
    Kept("foodshare_cache_compared_total", ("finding",)),
    Kept("foodshare_cache_evictions_total"),
    Kept("foodshare_cache_hit_ratio", ("tier",)),
    Kept("foodshare_cache_staleness_ratio"),
    Kept("foodshare_cache_memory_bytes"),
    Kept("foodshare_cache_clients"),
    Kept("foodshare_stream_length", ("topic",)),
    Kept("foodshare_stream_lag", ("topic",)),
    Kept("foodshare_stream_pending", ("topic",)),
    Kept("foodshare_stream_dead_letters", ("topic",)),
    Kept("foodshare_outbox_waiting"),
    Kept("foodshare_outbox_oldest_seconds"),
    Kept("foodshare_jobs", ("status",)),
    Kept("foodshare_job_oldest_seconds"),
    Kept("foodshare_backup_age_seconds"),
    Kept("foodshare_wal_archive_behind_bytes"),
    Kept("foodshare_wal_archive_bytes"),
    Kept("foodshare_disk_free_bytes", ("place",)),
    Kept("foodshare_people_present"),
)  # fmt: skip


def key_of(name: str, **labels: str) -> str:
    """The name of a figure, such as `foodshare_connections{state=idle}`."""
    return f"{name}{{{','.join(f'{label}={value}' for label, value in labels.items())}}}" if labels else name


def name_of(key: str) -> str:
    return key.partition("{")[0]


def label_of(key: str) -> str:
    """The value of a figure's only label; empty where it has none."""
    return key.partition("=")[2].removesuffix("}")


def is_counter(key: str) -> bool:
    return name_of(key).endswith(COUNTERS) or key == ELAPSED


# --- Taking samples -------------------------------------------------------------------------------------


def figures_of(snapshot: Snapshot) -> Figures:
    """What is kept of a snapshot: counters as they stand, gauges as they are."""
    found: Figures = {}
    for kept in KEPT:
        summed: Figures = defaultdict(float)
        for sample in snapshot.series(kept.name):
            summed[key_of(kept.name, **labels_of(kept, sample))] += sample.value
        most = None if "le" in kept.by else MOST
        found.update(sorted(summed.items(), key=lambda item: -item[1])[:most])
    return found


def labels_of(kept: Kept, sample: Sample) -> dict[str, str]:
    """The labels that are kept; of a status only its class, such as 5xx."""
    return {label: f"{sample.labels[label][:1]}xx" if label == "status" and name_of(kept.name) == PROCESSES[0]
            else sample.labels.get(label, "") for label in kept.by}


def growth(before: Mapping[str, float], now: Mapping[str, float]) -> Figures:
    """What counters grew by. A server's that was not seen before has an unknown past; processes count from 0."""
    grown = {}
    for key, value in now.items():
        if key in before:
            grown[key] = value - before[key] if value >= before[key] else value
        elif is_of_processes(key):
            grown[key] = value
    return grown


def is_of_processes(key: str) -> bool:
    return name_of(key).startswith(PROCESSES)


def here() -> str:
    """The name of this machine's baseline: of the files, in fact, in which its web processes count."""
    return f"{MACHINE}{node()} {crc32(str(processes.directory()).encode()):08x}"


def record(snapshot: Snapshot, machine: str = "") -> bool:
    """Keep a snapshot in its minute's sample; False where that has the servers' figures already."""
    now = figures_of(snapshot)
    with transaction.atomic():
        is_new = add(snapshot.at, SERVERS, {key: value for key, value in now.items() if not is_of_processes(key)})
        add(snapshot.at, machine or here(), {key: value for key, value in now.items() if is_of_processes(key)})
    return is_new


def record_processes(at: datetime) -> bool:
    """Add what this machine's web processes count to the minute's sample; False where it is there already."""
    counted = Snapshot(at)
    counted.add(processes.figures())
    with transaction.atomic():
        return add(at, here(), figures_of(counted))


def add(at: datetime, name: str, now: Mapping[str, float]) -> bool:
    """Add gauges, and what counters grew by since the baseline of this name, to the minute's sample, once."""
    baseline, is_first = locked_baseline(name, at)
    minute = floor(at, MINUTE)
    if not is_first and floor(baseline.at, MINUTE) >= minute:
        return False
    counted = {key: value for key, value in now.items() if is_counter(key)}
    figures = {key: value for key, value in now.items() if key not in counted}
    if not is_first:
        figures |= growth(baseline.figures, counted)
    if name == SERVERS:
        figures[ELAPSED] = (at - baseline.at).total_seconds()
    add_to_minute(minute, figures)
    move(baseline, at, {**baseline.figures, **counted})
    return True


def add_to_minute(minute: datetime, figures: Mapping[str, float]) -> None:
    sample, _ = MonitoringSample.objects.select_for_update().get_or_create(
        seconds=MINUTE, at=minute, defaults={"figures": {}})
    there = sample.figures
    sample.figures = {**there, **{key: rounded(there.get(key, 0.0) + value) for key, value in figures.items()}}
    sample.save(update_fields=["figures"])


def locked_baseline(name: str, at: datetime) -> tuple[MonitoringBaseline, bool]:
    """The counters of last time, held until the transaction ends, and whether this is the first time."""
    return MonitoringBaseline.objects.select_for_update().get_or_create(name=name, defaults={"at": at})


def move(baseline: MonitoringBaseline, at: datetime, figures: Mapping[str, Any]) -> None:
    baseline.at, baseline.figures = at, figures
    baseline.save(update_fields=["at", "figures"])


def rounded(value: float) -> float:
    """To the digits that a chart can show, as most of a sample would be digits else."""
    return float(f"{value:.6g}")


def floor(at: datetime, seconds: int) -> datetime:
    """The beginning of the stretch of so many seconds that the time lies in."""
    return datetime.fromtimestamp(at.timestamp() // seconds * seconds, UTC)


# --- Merging and forgetting them ------------------------------------------------------------------------


def merge(now: datetime) -> int:
    """Merge what is old enough, the finest first; return into how many samples. What is left is merged next time."""
    done = 0
    for fine, coarse, age in MERGED:
        while merge_oldest(fine, coarse, floor(now - age, coarse)):
            done += 1
            if done == BATCH:  # what is coarser waits until all of its time is there
                return done
    return done


def merge_oldest(fine: int, coarse: int, before: datetime) -> bool:
    """Merge the oldest of the samples of `fine` seconds into one of `coarse`; False where there are none."""
    samples = MonitoringSample.objects.filter(seconds=fine, at__lt=before).order_by("at")
    oldest = samples.first()
    if oldest is None:
        return False
    at = floor(oldest.at, coarse)
    with transaction.atomic():
        rows = list(samples.filter(at__lt=at + timedelta(seconds=coarse)).select_for_update())
        MonitoringSample.objects.bulk_create(
            [MonitoringSample(at=at, seconds=coarse, figures=merged([row.figures for row in rows]))],
            ignore_conflicts=True)
        MonitoringSample.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return True


def merged(samples: Iterable[Mapping[str, float]]) -> Figures:
    """Counters' growth added up, and the means of gauges over those samples that have them."""
    values: dict[str, list[float]] = defaultdict(list)
    for figures in samples:
        for key, value in figures.items():
            values[key].append(value)
    return {key: rounded(sum(each) if is_counter(key) else sum(each) / len(each)) for key, each in values.items()}


def forget(now: datetime) -> int:
    """Delete what is older than KEPT_FOR, up to a limit; return how many rows."""
    old = now - KEPT_FOR
    seconds = [MINUTE, TEN_MINUTES, HOUR]
    return (delete_some(MonitoringSample.objects.filter(seconds__in=seconds, at__lt=old))
            + delete_some(MonitoringBaseline.objects.filter(at__lt=old))
            + delete_some(StatementSample.objects.filter(at__lt=old))
            + delete_some(StatementEndpoint.objects.filter(seen_at__lt=old)))


def delete_some(rows: QuerySet[Any]) -> int:
    keys = list(rows.order_by().values_list("pk", flat=True)[:BATCH * 1000])
    return rows.model._default_manager.filter(pk__in=keys).delete()[0] if keys else 0


# --- Statements by the hour ------------------------------------------------------------------------------


@dataclass
class Work:
    """What a statement did: calls, milliseconds, rows, blocks that it read from the system."""

    calls: int = 0
    milliseconds: float = 0.0
    rows: int = 0
    blocks_read: int = 0

    def __add__(self, other: "Work") -> "Work":
        return Work(*(mine + its for mine, its in zip(self.as_list(), other.as_list(), strict=True)))

    def since(self, before: "Work | None") -> "Work":
        """What was done since; all of it where the statistics were reset meanwhile."""
        if before is None or self.calls < before.calls:
            return self
        return Work(*(mine - its for mine, its in zip(self.as_list(), before.as_list(), strict=True)))

    def as_list(self) -> list[Any]:
        return [self.calls, self.milliseconds, self.rows, self.blocks_read]


def record_statements(totals: Mapping[str, Work], now: datetime) -> int:
    """Add what each statement, by fingerprint, did since last time to its hour; return of how many.

    `totals` are the server's, since its statistics were reset. The TOP by time are kept.
    """
    hour = floor(now, HOUR)
    with transaction.atomic():
        baseline, is_first = locked_baseline("statements", now)
        before = {key: Work(*values) for key, values in baseline.figures.items()}
        move(baseline, now, {key: work.as_list() for key, work in totals.items()})
        if is_first:
            return 0
        done = {key: work.since(before.get(key)) for key, work in totals.items()}
        top = sorted((key for key in done if done[key].calls > 0), key=lambda key: -done[key].milliseconds)[:TOP]
        add_to_hour(hour, {key: done[key] for key in top})
        prune_last_hour(hour)
    return len(top)


def totals(most: int = MOST_STATEMENTS) -> dict[str, Work]:
    """What the `most` statements that took longest have done by the server's statistics, by fingerprint. Raises
    MissingRight."""
    return {key: Work(each.calls, each.total, each.rows, each.blocks_read)
            for key, each in statements(connections["owner"], most).items()}


def add_to_hour(hour: datetime, done: Mapping[str, Work]) -> None:
    rows = StatementSample.objects.filter(at=hour, fingerprint__in=done)
    there = {row.fingerprint: Work(row.calls, row.milliseconds, row.rows, row.blocks_read) for row in rows}
    added = {key: work + there.get(key, Work()) for key, work in done.items()}
    StatementSample.objects.bulk_create(
        [StatementSample(at=hour, fingerprint=key, **vars(work)) for key, work in added.items()],
        update_conflicts=True, unique_fields=["at", "fingerprint"],
        update_fields=["calls", "milliseconds", "rows", "blocks_read"])


def prune_last_hour(hour: datetime) -> None:
    """Of the last hour that is over only the TOP stay."""
    last = StatementSample.objects.filter(at__lt=hour).order_by("-at").values_list("at", flat=True)[:1]
    rows = StatementSample.objects.filter(at__in=list(last)).order_by("-milliseconds", "fingerprint")
    StatementSample.objects.filter(pk__in=[row.pk for row in rows[TOP:]]).delete()


def statements_since(since: datetime) -> list[tuple[str, Work]]:
    """What the TOP statements by time did since then, by the hours that are kept."""
    sums = (StatementSample.objects.filter(at__gte=since).values_list("fingerprint")
            .annotate(number=Sum("calls"), time=Sum("milliseconds"), returned=Sum("rows"), blocks=Sum("blocks_read"))
            .order_by("-time")[:TOP])
    return [(key, Work(*values)) for key, *values in sums]


# --- Reading it -------------------------------------------------------------------------------------------

STRETCHES = """
    SELECT floor(extract(epoch FROM at) / %(step)s)::bigint * %(step)s, key, sum(value::float8),
           sum(value::float8 * seconds) / sum(seconds)
    FROM monitoring_samples, jsonb_each_text(figures)
    WHERE seconds IN (60, 600, 3600) AND at >= %(since)s AND key = ANY(%(keys)s)
    GROUP BY 1, 2
    ORDER BY 1
"""


@dataclass
class Stretch:
    """Some seconds of the past: means of gauges, and what counters grew by."""

    at: datetime
    figures: Figures = field(default_factory=dict)

    def rate(self, key: str) -> float | None:
        """Growth per second of a counter; None where nothing is known of it."""
        elapsed = self.figures.get(ELAPSED)
        return self.figures[key] / elapsed if elapsed and key in self.figures else None


def stretches(keys: Iterable[str], since: datetime, step: int) -> list[Stretch]:
    """The figures of these keys since then, by stretches of `step` seconds; those without any sample are left out."""
    found: dict[int, Stretch] = {}
    with connection.cursor() as cursor:
        cursor.execute(STRETCHES, {"step": step, "since": timezone.make_naive(since, UTC), "keys": [*keys, ELAPSED]})
        for epoch, key, total, mean in cursor.fetchall():
            stretch = found.setdefault(epoch, Stretch(datetime.fromtimestamp(epoch, UTC)))
            stretch.figures[key] = total if is_counter(key) else mean
    return list(found.values())


def newest_sample() -> MonitoringSample | None:
    """The newest that has the servers' figures."""
    return MonitoringSample.objects.filter(seconds=MINUTE, figures__has_key=ELAPSED).order_by("-at").first()


def reaches_back(to: datetime) -> bool:
    """Whether anything is kept of before then."""
    return MonitoringSample.objects.filter(seconds__in=[MINUTE, TEN_MINUTES, HOUR], at__lt=to).exists()


def present(snapshot: Snapshot, newest: MonitoringSample | None) -> Stretch:
    """Gauges as they are here, and what counters grew by since the minute before the newest sample, if that is young.
    Where there are several machines it is the minute of that sample, as the others' counters are not known until then.
    """
    now = figures_of(snapshot)
    gauges = {key: value for key, value in now.items() if not is_counter(key)}
    baselines = young_baselines(snapshot.at)
    if newest is None or SERVERS not in baselines:
        return Stretch(snapshot.at, gauges)
    before = {key: value for key, value in newest.figures.items() if is_counter(key)}
    if not baselines.keys() <= {SERVERS, here()}:
        return Stretch(snapshot.at, {**gauges, **before})
    counted = {key: value for each in baselines.values() for key, value in each.figures.items()}
    since = growth(counted, {key: value for key, value in now.items() if is_counter(key)})
    since[ELAPSED] = max((snapshot.at - baselines[SERVERS].at).total_seconds(), 0.0)
    return Stretch(snapshot.at, {**gauges, **merged([before, since])})


def young_baselines(now: datetime) -> dict[str, MonitoringBaseline]:
    """The servers' and those of machines that count anything, by their names."""
    found = MonitoringBaseline.objects.filter(Q(name=SERVERS) | Q(name__startswith=MACHINE), at__gt=now - STALE)
    return {each.name: each for each in found if each.name == SERVERS or each.figures}


def quantile(share: float, stretch: Stretch) -> float | None:
    """Seconds within which this share of requests was answered, estimated within the histogram's buckets."""
    buckets = sorted((float(label_of(key)), value) for key, value in stretch.figures.items()
                     if name_of(key) == "foodshare_request_seconds_bucket")
    if not buckets or not buckets[-1][1]:
        return None
    rank, lower, below = share * buckets[-1][1], 0.0, 0.0
    for bound, number in buckets:
        if number >= rank and number > below:
            return lower if bound == inf else lower + (bound - lower) * (rank - below) / (number - below)
        lower, below = bound, number
    return lower
