"""Background jobs of this app."""

import logging

from django.db import connections
from procrastinate.contrib.django import app

from foodshare.cache.keys import GROUP_SUMMARY
from foodshare.exceptions import Conflict
from foodshare.tasks import warm_soon
from groups import activities
from groups.services import forum
from groups.summary import SummaryError, refresh

logger = logging.getLogger(__name__)


@app.periodic(cron="0 * * * *")
@app.task(queueing_lock="groups.refresh_group_summary")
def refresh_group_summary(timestamp: int) -> None:
    """Refresh group_activity_summary on the hour, and have the cache warmed with it; what keeps it from that is logged,
    as the next hour tries again."""
    try:
        refresh(connections["owner"])
        warm_soon(GROUP_SUMMARY.name)
    except SummaryError as error:
        logger.warning("group_activity_summary was not refreshed: %s", error)
    finally:
        connections["owner"].close()


@app.task
def open_forum_category(slug: str) -> None:
    """Open a category that was just added; one that cannot be opened stays waiting, and is logged."""
    try:
        forum.open_category(slug)
    except Conflict as error:
        logger.warning("%s", error)
    finally:
        connections["owner"].close()


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="groups.open_waiting_forum_categories")
def open_waiting_forum_categories(timestamp: int) -> list[str]:
    """Every ten minutes: open the categories whose own job failed; return their slugs."""
    try:
        return forum.open_waiting_categories()
    finally:
        connections["owner"].close()


@app.periodic(cron="41 3 * * *")
@app.task(queueing_lock="groups.purge_activities")
def purge_activities(timestamp: int) -> int:
    """Every night: forget what happened in groups long ago; return how many events."""
    return activities.purge()
