"""Failed jobs are told of until they are made up for."""

import pytest
from django.db import connections

from ops.monitoring.sources.jobs import WATCH, failed, figures
from ops.tasks import watch_alerts

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


def jobs(task: str, *statuses: str) -> None:
    """Jobs of a task, one after the other, and what became of each."""
    with connections["owner"].cursor() as cursor:
        for status in statuses:
            cursor.execute("INSERT INTO procrastinate_jobs (queue_name, task_name, args, status) "
                           "VALUES ('default', %s, '{}', %s)", [task, status])


def periodic(task: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_periodic_defers (task_name, defer_timestamp) VALUES (%s, 1)", [task])


def told(task: str) -> int:
    return failed(connections["owner"]).get(task, 0)


def test_a_periodic_task_makes_up_for_what_failed_before() -> None:
    periodic("tidy")
    jobs("tidy", "succeeded", "failed", "failed")
    assert told("tidy") == 2
    jobs("tidy", "succeeded")
    assert told("tidy") == 0
    jobs("tidy", "failed", "todo")
    assert told("tidy") == 1


def test_the_success_of_another_task_makes_up_for_nothing() -> None:
    periodic("tidy")
    periodic("sweep")
    jobs("tidy", "failed")
    jobs("sweep", "succeeded")
    assert told("tidy") == 1


def test_jobs_that_are_not_periodic_stand_for_themselves() -> None:
    jobs("greet", "failed", "succeeded")
    assert told("greet") == 1


def test_when_alerts_were_last_judged() -> None:
    """By the last look that ended well, whatever began since."""
    def age() -> float | None:
        return next(value for name, _, value in figures() if name == "foodshare_alerts_judged_age_seconds")

    assert watch_alerts.name == WATCH
    assert age() is None
    jobs(WATCH, "succeeded", "doing", "todo")
    with connections["owner"].cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_events (job_id, type, at) SELECT min(id), 'succeeded', "
                       "now() - interval '10 minutes' FROM procrastinate_jobs WHERE task_name = %s", [WATCH])
    assert age() == pytest.approx(600)
