"""What runs beside the requests: partitions, the summary, streams, jobs, the cache, pools, backups."""

from collections.abc import Iterator
from datetime import UTC, datetime

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

from foodshare.streams.server import client
from groups import summary
from groups.models import CommunityGroup
from ops.backups.source import Source
from ops.backups.status import TOO_OLD, status
from ops.backups.store import Store
from ops.monitoring import processes
from ops.monitoring.doctor.findings import Finding, Severity
from ops.monitoring.doctor.limits import HOUR, MINUTE, Limits
from ops.monitoring.doctor.names import endpoints_of_table, model_of
from ops.monitoring.figures import Figures
from ops.monitoring.rows import row
from ops.monitoring.snapshot import Snapshot
from ops.monitoring.sources import cache, jobs, outbox, streams, views
from ops.partitions.findings import judge
from ops.partitions.layout import read as read_layout

BORN = "SELECT extract(epoch FROM now() - min(applied))::float FROM django_migrations"


def told(figures: Figures) -> Snapshot:
    """What one source tells now."""
    found = Snapshot(datetime.now(UTC))
    found.add(figures())
    return found


def partitions(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    today = datetime.now(UTC).date()
    for found in judge(connection, read_layout(connection), today):
        takes_none = "takes no rows" in found.problem
        yield Finding(
            Severity.CRITICAL if takes_none else Severity.WARNING, "partitions", found.name,
            f"{found.name}: {found.problem}", "what belongs into a partition that is not there cannot be written, and "
            "what is in none is read by nobody", found.remedy, model_of(found.name), endpoints_of_table(found.name))


def stale_view(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    if not CommunityGroup.objects.using("owner").exists():
        return
    table = summary.VIEW
    with connection.cursor() as cursor:
        refreshed = summary.refreshed_at(cursor)
    age = (datetime.now(UTC) - refreshed).total_seconds() if refreshed else row(connection, BORN)[0]
    if age >= limits.view_age:
        yield Finding(
            Severity.WARNING, "view", table, f"{table} was last refreshed {age / HOUR:.0f} hours ago" if refreshed else
            f"{table} was never refreshed", "discovery shows groups as they were then, and new ones not at all",
            "let `manage.py worker` run, which refreshes it each hour; at once: `manage.py group_summary --refresh`",
            model_of(table), endpoints_of_table(table), (f"REFRESH MATERIALIZED VIEW CONCURRENTLY {table}",))


def quadratic_view(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    """Document A's own query, whose cost grows with users × posts, where that is above the limit."""
    if views.definition(connection) != "exact":
        return
    cost = summary.live_cost(connection)
    if cost > settings.GROUP_SUMMARY_COST_LIMIT:
        yield Finding(
            Severity.WARNING, "view", f"{summary.VIEW} definition",
            f"{summary.VIEW} has the exact definition, whose refresh would cost {cost:.0f}; the limit is "
            f"{settings.GROUP_SUMMARY_COST_LIMIT}", "it joins every person to every row, and is refreshed no more",
            f"run `{summary.SWAP_COMMAND}`: the same rows at a cost that does not grow so",
            model_of(summary.VIEW), endpoints_of_table(summary.VIEW))


def stream_lag(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    for topic, found in streams.topics(client(settings.STREAM_URL)).items():
        for name, reader in found.readers.items():
            if reader.lag >= limits.stream_lag or reader.oldest >= limits.stream_pending:
                yield Finding(
                    Severity.WARNING, "streams", topic, f"{name} has {reader.lag} entries of {topic} before it, and "
                    f"{reader.pending} not acknowledged, the oldest for {reader.oldest:.0f} s",
                    "people's reputation is behind by as much", "let `manage.py worker` run, and read its log")
        if found.dead_letters:
            yield Finding(
                Severity.WARNING, "dead_letters", topic, f"{found.dead_letters} events of {topic} could not be applied",
                "what they tell is in nobody's reputation", "read them in the admin, under checkpoints; mend what they "
                "name, then `manage.py rebuild_reputation`")


def outbox_waits(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    found = outbox.outbox(connection)
    if found.oldest is not None and found.oldest >= limits.outbox_age:
        yield Finding(
            Severity.WARNING, "outbox", "waiting", f"{found.waiting} events wait to be published, the oldest for "
            f"{found.oldest / MINUTE:.0f} minutes", "streams, and whoever reads them, know nothing of them yet",
            "let `manage.py worker` run; if it does, see whether the streams' server answers and has memory",
            model_of("outbox_events"))
    if found.set_aside:
        yield Finding(
            Severity.WARNING, "outbox", "set aside", f"{found.set_aside} events cannot be published",
            "nothing comes of what they tell", "read them in the admin: each says why", model_of("outbox_events"))


def waiting_jobs(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    found = told(jobs.figures)
    if (oldest := found.value("foodshare_job_oldest_seconds") or 0) >= limits.job_waiting:
        yield Finding(Severity.WARNING, "jobs", "waiting", f"a job has waited for {oldest / MINUTE:.0f} minutes",
                      "posts do not expire, partitions are not made, the summary is not refreshed",
                      "let `manage.py worker` run, and read its log")
    for sample in found.series("foodshare_job_failures"):
        task = sample.labels["task"]
        yield Finding(Severity.WARNING, "jobs", task, f"{sample.value:.0f} jobs {task} failed",
                      "what it is for was not done",
                      "read the worker's log; retry by `manage.py procrastinate shell`, or wait for its next turn")


def cache_hits(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    found = told(cache.figures)
    reads = found.value("foodshare_cache_reads_total") or 0
    missed = found.value("foodshare_cache_reads_total", outcome="miss") or 0
    if reads >= limits.cache_reads and (rate := 1 - missed / reads) < limits.cache_hit_rate:
        yield Finding(Severity.WARNING, "cache", "hits",
                      f"{rate:.1%} of {reads:.0f} questions were answered by the cache", "the rest go to the database",
                      "see by pattern in `manage.py cache_status`; look at evictions and at what invalidates so often")
    stale = found.value("foodshare_cache_staleness_ratio") or 0
    compared = found.value("foodshare_cache_compared_total") or 0
    if compared and stale > limits.cache_stale:
        yield Finding(Severity.WARNING, "cache", "stale", f"{stale:.2%} of {compared:.0f} compared hits were stale",
                      "people see what is no longer so", "see whether relay_invalidations runs in the worker")
    used = found.value("foodshare_cache_memory_bytes") or 0
    most = found.value("foodshare_cache_memory_limit_bytes") or 0
    if most and used >= limits.cache_memory * most and found.value("foodshare_cache_evictions_total"):
        yield Finding(Severity.INFO, "cache", "memory",
                      f"{used / most:.0%} of the cache's memory is used, and keys are evicted",
                      "what is evicted is asked of the database again", "raise maxmemory if hits are few")


def pool_waits(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    """By what the web processes of this machine count."""
    found = told(processes.figures)
    for sample in found.series("foodshare_pool_requests_total"):
        alias, asked = sample.labels["alias"], sample.value
        waited = found.value("foodshare_pool_waited_total", alias=alias) or 0
        failed = found.value("foodshare_pool_failed_total", alias=alias) or 0
        if asked >= limits.pool_requests and (waited > limits.pool_waited * asked or failed):
            yield Finding(
                Severity.WARNING, "pools", alias, f"{waited / asked:.0%} of {asked:.0f} requests for a connection to "
                f"{alias} waited, and {failed:.0f} got none", "requests wait before they have begun",
                "look for slow statements first; then more web processes, or a larger POOL_SIZE")


def backups(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    """What backup_database --status says, once the database is old enough to have had its first one."""
    if not settings.BACKUP_URL:
        yield Finding(Severity.INFO, "backups", "BACKUP_URL", "no backups of ours: BACKUP_URL is not set",
                      "a database that cannot be restored is lost with its disk",
                      "set BACKUP_URL, see docs/backups.md, or make sure that somebody else makes backups")
        return
    if row(connection, BORN)[0] < TOO_OLD.total_seconds():
        return
    found = status(Source.configured(), Store.configured())
    for text in found.findings:
        yield Finding(Severity.WARNING if found.backups else Severity.CRITICAL, "backups", "backups", text,
                      "what was committed since the last good backup would be lost with the disk",
                      "see `manage.py backup_database --status` and docs/backups.md")
