"""The hourly job."""

import logging

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from groups.models import GroupActivitySummary
from groups.tasks import refresh_group_summary
from tests.groups.datasets import Sizes, fill


def test_refreshes(owner: BaseDatabaseWrapper) -> None:
    fill(Sizes(groups=3, exchanges=0), seed=1)
    refresh_group_summary(timestamp=0)
    assert GroupActivitySummary.objects.count() == 3


def test_has_the_cache_warmed_with_what_is_new(owner: BaseDatabaseWrapper) -> None:
    refresh_group_summary(timestamp=0)
    [job] = ProcrastinateJob.objects.filter(task_name="foodshare.tasks.warm_cache")
    assert job.args == {"names": ["group_summary"]}


def test_over_the_limit_it_logs_how_to_swap(owner: BaseDatabaseWrapper, settings: Settings,
                                             caplog: pytest.LogCaptureFixture) -> None:
    settings.GROUP_SUMMARY_COST_LIMIT = 1
    with caplog.at_level(logging.WARNING, logger="groups.tasks"):
        refresh_group_summary(timestamp=0)
    assert "group_summary --definition aggregated" in caplog.text


def test_is_due_every_hour() -> None:
    periodic = [task for task in app.periodic_registry.periodic_tasks.values()
                if task.task.name == "groups.tasks.refresh_group_summary"]
    assert [task.cron for task in periodic] == ["0 * * * *"]
