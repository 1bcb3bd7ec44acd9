"""Upkeep that runs by itself, from the job worker."""

import logging
from datetime import UTC, datetime

from django.conf import settings
from django.db import connections
from procrastinate import JobContext, builtin_tasks
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from ops.backups.schedule import back_up_if_due, verify_if_due
from ops.monitoring import history
from ops.monitoring.alerts.watch import watch
from ops.monitoring.snapshot import current
from ops.partitions import maintain
from ops.partitions.errors import PartitionError

logger = logging.getLogger(__name__)
KEEP_HOURS = 72  # how long a finished job can be looked up


@app.periodic(cron="40 2 * * *")
@app.task(queueing_lock="maintain_partitions")
def maintain_partitions(timestamp: int) -> None:
    """Make the partitions that are needed soon, and let go of those past their time. Findings are warnings in the log;
    a step that failed fails the job, which is tried again tomorrow."""
    try:
        outcome = maintain(connections["owner"], datetime.now(UTC).date())
    finally:
        connections["owner"].close()
    for finding in outcome.findings:
        logger.warning("partitions: %s", finding)
    if outcome.failures:
        raise PartitionError("; ".join(map(str, outcome.failures)))


@app.periodic(cron="20 3 * * *")
@app.task(queueing_lock="analyze")
def analyze(timestamp: int) -> None:
    """Bring the planner's statistics up to date; autovacuum never does so for partitioned tables."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE")


@app.periodic(cron="10 * * * *")
@app.task(queueing_lock="backup_database")
def backup_database(timestamp: int) -> None:
    """A backup a day, by night if the machine is on, and full once a week; at once where the archived log has a gap.
    One that fails fails the job, and is tried again an hour later."""
    if settings.BACKUP_URL:
        back_up_if_due(datetime.now(UTC))


@app.periodic(cron="40 * * * *")
@app.task(queueing_lock="verify_backup")
def verify_backup(timestamp: int) -> None:
    """Restore the newest backup once a week. The job fails where it is of no use."""
    if settings.BACKUP_URL:
        verify_if_due(datetime.now(UTC))


@app.periodic(cron="50 3 * * *")
@app.task(queueing_lock="remove_old_jobs", pass_context=True)
async def remove_old_jobs(context: JobContext, timestamp: int) -> None:
    """Forget finished jobs, failed ones too, after KEEP_HOURS."""
    await builtin_tasks.remove_old_jobs(context, max_hours=KEEP_HOURS, remove_failed=True, remove_cancelled=True,
                                        remove_aborted=True)


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="retry_stalled_jobs", pass_context=True)
async def retry_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """Run again what a worker was doing when it was killed; a job may therefore run twice. One whose next run waits
    already is given up for it."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        try:
            await manager.retry_job(job)
        except UniqueViolation:
            await manager.finish_job(job, Status.ABORTED, delete_job=False)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="watch_alerts")
def watch_alerts(timestamp: int) -> None:
    """See what is wrong, and tell people of what they do not know yet (docs/alerts.md)."""
    watch()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="record_figures")
def record_figures(timestamp: int) -> None:
    """Every minute: keep the figures that monitoring shows over time, and merge old ones."""
    history.record(current())
    history.merge(datetime.now(UTC))


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="record_statements")
def record_statements(timestamp: int) -> int:
    """Every ten minutes: keep what statements did, by the hour; return of how many."""
    return history.record_statements(history.totals(), datetime.now(UTC))


@app.periodic(cron="30 4 * * *")
@app.task(queueing_lock="forget_figures")
def forget_figures(timestamp: int) -> int:
    """Every night: forget what is older than 90 days; return how many rows that was."""
    return history.forget(datetime.now(UTC))
