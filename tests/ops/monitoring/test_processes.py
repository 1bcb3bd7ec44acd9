"""Several web processes count as one, also when some of them are gone."""

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connections
from prometheus_client.mmap_dict import MmapedDict
from pytest_django import DjangoDbBlocker

from ops.monitoring import processes
from ops.monitoring.snapshot import Snapshot
from tests.web.tools import Site, served, wait_for

WORKERS = 2


@pytest.fixture(autouse=True)
def database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The committed test database, which the web processes use."""
    with django_db_blocker.unblock():
        yield
        connections.close_all()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "monitoring" / "processes"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with served(tmp_path / "log", workers=WORKERS, MONITORING_DIR=str(tmp_path / "monitoring")) as site:
        yield site


def read(place: Path) -> Snapshot:
    found = Snapshot(datetime.now(UTC))
    found.add((sample.name, dict(sample.labels), sample.value)
              for family in processes.of_machine(place) for sample in family.samples)
    return found


def answered(place: Path) -> float | None:
    return read(place).value("foodshare_requests_total", endpoint="/plain")


def askers(site: Site, times: int) -> set[int]:
    """The processes that answered."""
    return {answer["process"] for _, answer in site.ask_often("/plain", times)}


@pytest.mark.slow
def test_processes_add_up_and_a_dead_one_is_not_forgotten(site: Site, place: Path) -> None:
    asked, pids = 0, set[int]()
    while len(pids) < WORKERS:
        pids |= askers(site, 20)
        asked += 20
    assert answered(place) == asked
    wait_for(lambda: read(place).value("foodshare_processes") == WORKERS)
    wait_for(lambda: read(place).value("foodshare_pool_connections_limit", alias="default") == WORKERS * 50)

    victim = pids.pop()
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: read(place) and not list(place.glob(f"*_{victim}.db")))
    assert answered(place) == asked
    wait_for(lambda: read(place).value("foodshare_processes") == WORKERS)  # it was started again
    askers(site, 20)
    assert answered(place) == asked + 20
    assert read(place).value("foodshare_requests_in_progress") == 0


@pytest.mark.slow
def test_what_was_counted_outlives_the_server_and_its_gauges_do_not(tmp_path: Path, place: Path) -> None:
    for asked in (5, 10):
        with served(tmp_path / "log", workers=1, MONITORING_DIR=str(tmp_path / "monitoring")) as site:
            askers(site, 5)
            assert answered(place) == asked
    left = read(place)
    assert left.value("foodshare_requests_total", endpoint="/plain") == 10
    assert left.value("foodshare_processes") is None
    assert {path.name for path in place.iterdir()} == {"counter_0.db", "histogram_0.db", "lock"}


def test_a_process_that_gets_a_dead_ones_number_does_not_go_on_with_its_gauges(tmp_path: Path) -> None:
    place = tmp_path / "processes"
    place.mkdir()
    for kind, value in (("counter", 7.0), ("gauge_livesum", 3.0)):
        file = MmapedDict(str(place / f"{kind}_4711.db"))
        file.write_value('["foodshare_x", "foodshare_x", {}, "x"]', value, 0.0)
        file.close()
    processes.bury(place, ["4711"])
    assert read(place).value("foodshare_x") == 7
    assert [path.name for path in place.iterdir()] != []
    assert not list(place.glob("*_4711.db"))
