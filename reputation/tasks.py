"""Background jobs of this app."""

from procrastinate.contrib.django import app

from reputation import ranks


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="reputation.rank_people")
def rank_people(timestamp: int) -> None:
    """Every five minutes: rank everybody by score."""
    ranks.refill()
