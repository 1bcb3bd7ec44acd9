"""The first tab: how everything does now, and over time."""

from ops.monitoring import history
from ops.monitoring.availability import REQUESTS
from ops.monitoring.dashboard.moment import Moment
from ops.monitoring.dashboard.parts import CRITICAL, OK, WARNING, Card, Cards, Charts, Note, Part, tone
from ops.monitoring.dashboard.plots import CACHE_READS, OVERVIEW, charts
from ops.monitoring.dashboard.units import count, duration, percent, rate, size


def page(moment: Moment) -> list[Part]:
    warnings: list[Part] = [] if moment.is_recorded else [Note(
        "No worker keeps figures: rates and charts need `manage.py worker`.", "warning")]
    return [*warnings, *groups(moment), Charts(charts(OVERVIEW, moment.known, moment.period, moment.at))]


def groups(moment: Moment) -> list[Cards]:
    return [Cards("Requests", requests(moment)), Cards("Database", database(moment)),
            Cards("Around it", around(moment))]


def requests(moment: Moment) -> list[Card]:
    served = moment.sum_of_rates(REQUESTS)
    failed = moment.share(REQUESTS[-1:], REQUESTS)
    slow = history.quantile(0.95, moment.present)
    budget = moment.value("foodshare_error_budget_remaining_ratio")
    return [
        Card("requests", "Requests", rate(served), "over two minutes"),
        Card("failed", "Failed", percent(failed), "answered by a 5xx", tone(failed, 0.001, 0.01)),
        Card("slow", "95% within", duration(slow), f"half within {duration(history.quantile(0.5, moment.present))}",
             tone(slow, 0.5, 2)),
        Card("in-progress", "In progress", count(moment.value("foodshare_requests_in_progress")),
             f"processes: {count(moment.value('foodshare_processes'))}"),
        Card("waiting", "Waiting for a connection", count(moment.value("foodshare_pool_waiting")),
             f"{count(moment.value('foodshare_pool_connections'))} in the pools",
             tone(moment.value("foodshare_pool_waiting"), 1, 10)),
        Card("budget", "Error budget left", percent(budget), "of 30 days", tone(budget, 0.25, 0)),
    ]  # fmt: skip


def database(moment: Moment) -> list[Card]:
    used = moment.value("foodshare_connections")
    limit = moment.value("foodshare_connections_limit")
    hits = ("foodshare_database_blocks_hit_total", "foodshare_database_blocks_read_total")
    hit = moment.share(hits[:1], hits)
    oldest = moment.value("foodshare_transaction_oldest_seconds")
    lag = moment.greatest("foodshare_replication_lag_seconds")
    waiting = moment.value("foodshare_locks_waiting")
    return [
        Card("connections", "Connections", count(used), f"of {count(limit)}",
             tone(used / limit if used and limit else None, 0.8, 0.95), "running"),
        Card("oldest", "Oldest transaction", duration(oldest), "", tone(oldest, 120, 1800), "running"),
        Card("locks", "Waiting for a lock", count(waiting), "", tone(waiting, 1, 10), "running"),
        Card("hits", "Blocks in memory", percent(hit), "over two minutes", tone(hit, 0.98, 0.9), "queries"),
        Card("lag", "Standbys late by", duration(lag),
             f"{count(moment.value('foodshare_replication_standbys'))} connected", tone(lag, 5, 60), "replication"),
        Card("size", "Database", size(moment.value("foodshare_database_size_bytes")),
             f"{size(moment.least('foodshare_disk_free_bytes'))} free on disk", "", "space"),
    ]  # fmt: skip


def around(moment: Moment) -> list[Card]:
    cache = moment.share(CACHE_READS[:2], CACHE_READS)
    lag = moment.value("foodshare_stream_lag")
    jobs = moment.value("foodshare_job_oldest_seconds")
    stale = moment.value("foodshare_cache_staleness_ratio")
    return [
        Card("cache", "Reads from the cache", percent(cache),
             "" if stale is None else f"{percent(stale)} of checked ones stale",
             CRITICAL if stale else OK if cache is not None else "", "cache"),
        Card("streams", "Events to apply", count(lag),
             f"outbox waits {duration(moment.value('foodshare_outbox_oldest_seconds'))}", tone(lag, 1000, 100_000),
             "streams"),
        Card("dead", "Dead letters", count(moment.value("foodshare_stream_dead_letters")), "",
             tone(moment.value("foodshare_stream_dead_letters"), 1, 100), "streams"),
        Card("jobs", "Oldest job waits", duration(jobs), f"{count(moment.value('foodshare_job_failures') or 0)} failed",
             tone(jobs, 300, 3600)),
        newest_backup(moment),
        Card("people", "People here", count(moment.value("foodshare_people_present")),
             f"of {count(moment.value('foodshare_people'))}"),
    ]  # fmt: skip


def newest_backup(moment: Moment) -> Card:
    """Its age. To have made none, though they are set up, is as bad as it gets."""
    kept, age = moment.value("foodshare_backups"), moment.value("foodshare_backup_age_seconds")
    text, hint, how = duration(age), "old", tone(age, 26 * 3600, 50 * 3600)
    if not kept:
        text, hint, how = "none", "no backups are set up", WARNING
    if kept == 0:
        hint, how = "the worker makes one within an hour", CRITICAL
    return Card("backup", "Newest backup", text, hint, how, "backups")
