"""Jobs of the worker."""

import logging
from contextlib import suppress

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from foodshare.cache import warming
from foodshare.cache.server import Away
from foodshare.services import accounts, exchanges, idempotency, posts, ratings

SETTLED = 5  # seconds until what was just changed is no longer in the cache
logger = logging.getLogger(__name__)


@app.periodic(cron="17 * * * *")
@app.task(queueing_lock="purge_expired")
def purge_expired(timestamp: int) -> None:
    """Every hour: delete kept answers and tokens that are past their time."""
    idempotency.purge_idempotency_keys()
    accounts.purge_expired_tokens()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="expire_posts")
def expire_posts(timestamp: int) -> int:
    """Every minute: expire the posts whose pickup time has passed; return how many."""
    return posts.expire_posts()


@app.periodic(cron="29 * * * *")
@app.task(queueing_lock="expire_claims")
def expire_claims(timestamp: int) -> int:
    """Every hour: cancel the claims left unanswered for a day after the pickup time; return how many."""
    return exchanges.expire_claims()


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="reveal_ratings")
def reveal_ratings(timestamp: int) -> int:
    """Every five minutes: reveal the ratings that the other side left unanswered for two weeks; return how many."""
    return ratings.reveal_ratings()


@app.task
def warm_cache(names: list[str]) -> None:
    """Load into the cache what will be asked for soon, of the patterns of these names."""
    try:
        warming.warm([warming.FILLERS[name] for name in names], warming.Pace(warming.RATE))
    except Away as error:
        logger.warning("the cache was not warmed: %s", error)


def warm_soon(*names: str) -> None:
    """Have the worker warm the cache, unless it is about to: after a deploy, or a change of very many values."""
    job = warm_cache.configure(schedule_in={"seconds": SETTLED}, queueing_lock=f"warm_cache {' '.join(names)}")
    with suppress(AlreadyEnqueued):
        job.defer(names=[*names])
