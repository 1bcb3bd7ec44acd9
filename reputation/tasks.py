"""Background jobs of this app."""

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from reputation.rings import report_rings as report


@app.periodic(cron="10 4 * * *")
@app.task(queueing_lock="reputation.report_rings")
def report_rings(timestamp: int) -> int:
    """Every night: tell moderators of people who rate each other up; return how many rings are new this month."""
    return report(datetime.now(UTC))
