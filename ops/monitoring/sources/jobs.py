"""The worker's jobs."""

from collections.abc import Iterator

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from ops.monitoring.figures import Figure
from ops.monitoring.rows import fetch, row

STATUSES = ("todo", "doing", "succeeded", "failed", "cancelled", "aborted")
BY_STATUS = "SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY 1"
# What a periodic task left undone, its next run makes up for; another job's success says nothing of one that failed.
FAILED = """
    WITH done AS (
        SELECT task_name, max(id) AS id FROM procrastinate_jobs
        WHERE status = 'succeeded' AND task_name IN (SELECT task_name FROM procrastinate_periodic_defers) GROUP BY 1)
    SELECT task_name, count(*) FROM procrastinate_jobs AS job LEFT JOIN done USING (task_name)
    WHERE status = 'failed' AND job.id > coalesce(done.id, 0) GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 100
"""
# A job that is not scheduled has been able to run since it was deferred.
OLDEST = """
    SELECT coalesce(max(extract(epoch FROM now() - coalesce(scheduled_at, deferred.at))), 0)::float
    FROM (SELECT id, scheduled_at FROM procrastinate_jobs
          WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now()) ORDER BY id LIMIT 1000) AS job
    LEFT JOIN LATERAL (SELECT min(at) AS at FROM procrastinate_events
                       WHERE job_id = job.id AND type = 'deferred') AS deferred ON true
"""
SEEN = """
    SELECT (SELECT extract(epoch FROM now() - max(last_heartbeat))::float FROM procrastinate_workers),
           (SELECT extract(epoch FROM now() - max(at))::float FROM procrastinate_events
            WHERE type = 'succeeded' AND job_id = (
                SELECT id FROM procrastinate_jobs WHERE task_name = %s AND status = 'succeeded'
                ORDER BY id DESC LIMIT 1))
"""
WATCH = "ops.tasks.watch_alerts"


def by_status(connection: BaseDatabaseWrapper) -> dict[str, int]:
    """How many jobs are kept, by what became of them."""
    return {**dict.fromkeys(STATUSES, 0), **dict(fetch(lambda *columns: columns, connection, BY_STATUS))}


def failed(connection: BaseDatabaseWrapper) -> dict[str, int]:
    """How many failed ones are kept, by their task; of a periodic one those since it last succeeded."""
    return dict(fetch(lambda *columns: columns, connection, FAILED))


def figures() -> Iterator[Figure]:
    connection = connections["owner"]
    for status, count in by_status(connection).items():
        yield "foodshare_jobs", {"status": status}, count
    for task, count in failed(connection).items():
        yield "foodshare_job_failures", {"task": task}, count
    yield "foodshare_job_oldest_seconds", {}, row(connection, OLDEST)[0]
    seen, judged = row(connection, SEEN, [WATCH])
    yield "foodshare_worker_seen_age_seconds", {}, seen
    yield "foodshare_alerts_judged_age_seconds", {}, judged
