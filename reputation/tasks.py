"""Background jobs of this app."""

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from reputation.decay import decay


@app.periodic(cron="10 1 * * *")
@app.task(queueing_lock="reputation.decay")
def decay_reputation(timestamp: int) -> int:
    """Every night: append what inactivity takes; return how many events that is."""
    return decay(datetime.now(UTC)).events
