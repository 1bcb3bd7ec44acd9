"""Jobs of the worker."""

from procrastinate.contrib.django import app

from foodshare.services import accounts, exchanges, idempotency, posts, ratings


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
