"""The pools that are measured are those of a web process, and they are gone afterwards."""

import threading
import time

import pytest
from django.conf import settings
from django.db import connections

from foodshare.models import User
from ops.benchmarks.pools import pools, use_of_pools
from tests.ops.benchmarks.tools import DATABASES

pytestmark = [pytest.mark.replica, pytest.mark.django_db(transaction=True, databases=DATABASES)]


def count_users() -> None:
    User.objects.count()


def test_they_have_the_documents_sizes() -> None:
    with pools():
        stats = connections["default"].pool.get_stats()  # type: ignore[attr-defined]
    assert (stats["pool_min"], stats["pool_max"]) == (settings.POOLS["default"]["min_size"],
                                                       settings.POOLS["default"]["max_size"])


def test_the_command_has_no_pool_afterwards() -> None:
    use_of_pools([count_users], threads=2, times=4, tick=lambda: None)
    assert connections["default"].pool is None  # type: ignore[attr-defined]
    count_users()


def test_every_request_is_counted_and_reported() -> None:
    ticks: list[None] = []
    uses, rate = use_of_pools([count_users], threads=4, times=100, tick=lambda: ticks.append(None))
    use = next(use for use in uses if use.alias == "default")
    assert (use.requests, use.waited, use.efficiency, len(ticks)) == (100, 0, 100.0, 100)
    assert rate > 0


def test_requests_beyond_the_pool_wait_and_lower_its_efficiency() -> None:
    most = settings.POOLS["default"]["max_size"]
    together = threading.Barrier(most)  # so many have their connection at once; the others find none free

    def hold() -> None:
        count_users()
        together.wait(timeout=60)
        time.sleep(0.2)

    uses, _ = use_of_pools([hold], threads=most * 2, times=most * 2, tick=lambda: None)
    use = next(use for use in uses if use.alias == "default")
    assert use.waited >= most
    assert use.efficiency <= 50.0


def test_an_error_of_a_call_is_not_swallowed() -> None:
    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        use_of_pools([fail], threads=2, times=4, tick=lambda: None)
