"""Background jobs of this app."""

import logging

from django.db import connections
from procrastinate.contrib.django import app

from groups.summary import SummaryError, refresh

log = logging.getLogger(__name__)


@app.periodic(cron="0 * * * *")
@app.task(queueing_lock="groups.refresh_group_summary")
def refresh_group_summary(timestamp: int) -> None:
    """Refresh group_activity_summary on the hour; what keeps it from that is logged, as the next hour tries again."""
    try:
        refresh(connections["owner"])
    except SummaryError as error:
        log.warning("group_activity_summary was not refreshed: %s", error)
    finally:
        connections["owner"].close()
