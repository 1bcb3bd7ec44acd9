"""What the job worker (`manage.py worker`) does for the core app on a schedule."""

from procrastinate.contrib.django import app

from foodshare.services import posts


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="expire_posts", pass_context=False)
def expire_posts(timestamp: int) -> int:
    """Expire the posts whose pickup time has passed."""
    return posts.expire_posts()
