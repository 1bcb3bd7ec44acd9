"""Jobs that leave traces in files, for a real worker to run."""

import time
from pathlib import Path

from procrastinate.contrib.django import app

from groups.models import CommunityGroup


@app.task(name="tests.count")
def count(path: str) -> None:
    """Note how many groups the database has: so the job has used the ORM."""
    Path(path).write_text(f"{CommunityGroup.objects.count()} groups")


@app.task(name="tests.slow")
def slow(path: str) -> None:
    Path(path).write_text("begun")
    time.sleep(2)
    Path(path).write_text("finished")


@app.periodic(cron="* * * * * */1")
@app.task(name="tests.tick", queueing_lock="tests.tick")
def tick(timestamp: int) -> None:
    """Every second."""
