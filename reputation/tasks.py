"""Background jobs of this app."""

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from reputation import ranks
from reputation.decay import decay
from reputation.rings import report_rings as report
from reputation.sync import sync


@app.periodic(cron="10 1 * * *")
@app.task(queueing_lock="reputation.decay")
def decay_reputation(timestamp: int) -> int:
    """Every night: append what inactivity takes; return how many events that is."""
    return decay(datetime.now(UTC)).events


@app.periodic(cron="10 4 * * *")
@app.task(queueing_lock="reputation.report_rings")
def report_rings(timestamp: int) -> int:
    """Every night: tell moderators of people who rate each other up; return how many rings are new this month."""
    return report(datetime.now(UTC))


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="reputation.rank_people")
def rank_people(timestamp: int) -> None:
    """Every five minutes: rank everybody by score."""
    ranks.refill()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="reputation.sync_reputation")
def sync_reputation(timestamp: int) -> int:
    """Every minute: say in live rows and checkpoints how long events have waited; return how many people's changed."""
    return sync(datetime.now(UTC))
