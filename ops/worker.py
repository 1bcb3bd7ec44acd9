"""The job worker: runs periodic and background jobs on the same PostgreSQL, with no broker."""

import asyncio
import inspect
import logging
import os
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime

from django.conf import settings
from django.db import connections
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException
from procrastinate.psycopg_connector import PsycopgConnector
from psycopg_pool import PoolTimeout

from ops.monitoring import endpoints, history
from ops.monitoring.alerts.outage import Outage

APPLICATION = "foodshare worker"
CONSUMERS = min(os.cpu_count() or 1, 2)  # more gain little
BESIDE = ("relay_outbox", "relay_invalidations", "flush_activity",
          *["consume_reputation_events"] * CONSUMERS)  # commands of ours
ARCHIVER = "archive_wal"  # where there is a role to do it
PAUSE = 2.0  # seconds before the next attempt, when the database went away
LOOK_EVERY = 10.0  # seconds between two looks whether it is there
AFTER_FULL = 2.0  # seconds into the minute when a machine's counts are kept; the job that keeps all figures has begun

logger = logging.getLogger(__name__)


def beside(streams: bool) -> tuple[str, ...]:
    """The commands that run beside the jobs."""
    return (*(BESIDE if streams else ()), *((ARCHIVER,) if settings.BACKUP_URL else ()))


def is_ready() -> bool:
    """Whether the job tables are there. Raises OperationalError when the database cannot be reached."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT to_regclass('procrastinate_jobs') IS NOT NULL")
        (ready,) = cursor.fetchone()
    connections["default"].close()
    return bool(ready)


async def work(concurrency: int, started: Callable[[], None]) -> None:
    """Run jobs until SIGINT or SIGTERM, then finish those in hand; a second signal abandons them.

    When the database goes away the worker waits for it: its jobs are still there afterwards.
    """
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - a coroutine runs in a task
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    count_statements()
    started()
    own = [asyncio.create_task(tell_of_outages()), asyncio.create_task(keep_counts())]
    try:
        while True:
            try:
                await run(concurrency)
            except (ConnectorException, PoolTimeout) as error:
                logger.warning("the database went away: %s; trying again in %s s", error.__cause__ or error, PAUSE)
                await asyncio.sleep(PAUSE)
    except asyncio.CancelledError:
        for each in own:
            each.cancel()


async def tell_of_outages() -> None:
    """Tell people that the database is away, and that it is back: alerts are kept there, and looked at by jobs."""
    outage = Outage()
    while True:
        try:
            await asyncio.to_thread(outage.look, datetime.now(UTC))
        except Exception:  # whatever it is, without this task no outage would ever be told of
            logger.exception("whether the database is there could not be seen or told")
        await asyncio.sleep(LOOK_EVERY)


async def keep_counts() -> None:
    """Each minute keep what this machine's web processes count: a job runs on one machine, and sees no other's."""
    while True:
        await asyncio.sleep(history.MINUTE - (time.time() - AFTER_FULL) % history.MINUTE)
        await asyncio.to_thread(keep_count)


def keep_count() -> None:
    try:
        history.record_processes(datetime.now(UTC))
    except Exception as error:  # whatever it is, the next minute has what this one grew by
        logger.warning("what web processes count could not be kept: %s", error)
    finally:
        connections["default"].close()


def count_statements() -> None:
    """Have it known which job runs which statement. Those that are coroutines run none by Django."""
    for task in app.tasks.values():
        if not inspect.iscoroutinefunction(task.func):
            task.func = endpoints.noting(f"job {task.name}", task.func)
    endpoints.Writer().start()


async def run(concurrency: int) -> None:
    """Run jobs until cancelled.

    Raises ConnectorException when the database goes away, and PoolTimeout where it stays so for 30 s.
    """
    parameters = connector_params("default") | {"application_name": APPLICATION}
    connector = PsycopgConnector(kwargs=parameters, min_size=1, max_size=concurrency + 3, timeout=10)
    with app.replace_connector(connector) as worker:
        async with worker.open_async():
            await worker.run_worker_async(concurrency=concurrency, install_signal_handlers=False)
