"""Several web processes count as one, also when some of them are gone."""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connections
from prometheus_client.mmap_dict import MmapedDict
from pytest_django import DjangoDbBlocker

from ops.monitoring import processes
from ops.monitoring.snapshot import Snapshot
from tests.web.tools import ROOT, Site, environment, served, wait_for

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


def leave(path: Path, value: float) -> None:
    """What a process leaves that counted so much."""
    file = MmapedDict(str(path))
    file.write_value('["foodshare_x", "foodshare_x", {}, "x"]', value, 0.0)
    file.close()


@pytest.mark.parametrize("torn", [b"", b"\0", b"\x88\x13\0\0" + bytes(104), b"\x28\0\0\0" + b"\xff" * 64])
def test_a_file_that_was_not_written_to_its_end_spoils_no_other(tmp_path: Path, torn: bytes) -> None:
    for number in (4711, 4712, 4713):
        leave(tmp_path / f"counter_{number}.db", 7.0)
    (tmp_path / "counter_4712.db").write_bytes(torn)
    assert [read(tmp_path).value("foodshare_x") for _ in range(2)] == [14, 14]
    (tmp_path / "counter_0.db").write_bytes(torn)
    leave(tmp_path / "counter_4711.db", 3.0)
    assert [read(tmp_path).value("foodshare_x") for _ in range(2)] == [3, 3]


def test_where_there_is_no_room_what_the_dead_counted_stays_with_them(tmp_path: Path) -> None:
    leave(tmp_path / "counter_4711.db", 7.0)
    leave(tmp_path / "gauge_livesum_4711.db", 5.0)
    with no_file_over(1024):
        assert read(tmp_path).value("foodshare_x") == 7
    assert (tmp_path / "counter_4711.db").exists()
    assert read(tmp_path).value("foodshare_x") == 7
    assert not (tmp_path / "counter_4711.db").exists()


@contextmanager
def no_file_over(size: int) -> Iterator[None]:
    """A disk that is full, as far as this process can tell."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


COUNTING = """
import resource, sys
import django
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
django.setup()
from ops.monitoring import counters, processes
counters.IN_PROGRESS.inc()
print(processes.is_shared())
"""


@pytest.mark.parametrize(("size", "is_shared"), [(2**20, False), (2**24, True)])
def test_a_process_without_room_for_files_counts_in_its_memory(tmp_path: Path, size: int, is_shared: bool) -> None:
    done = subprocess.run([sys.executable, "-c", COUNTING, str(size)], capture_output=True, text=True, timeout=60,
                          cwd=ROOT, env=environment(PROMETHEUS_MULTIPROC_DIR=str(tmp_path)), check=False)
    assert (done.returncode, done.stdout.strip()) == (0, str(is_shared)), done.stderr
    assert ("counts in its memory" in done.stderr) is not is_shared
    assert any(tmp_path.glob("*.db")) is is_shared


def test_a_process_that_gets_a_dead_ones_number_does_not_go_on_with_its_gauges(tmp_path: Path) -> None:
    place = tmp_path / "processes"
    place.mkdir()
    for kind, value in (("counter", 7.0), ("gauge_livesum", 3.0)):
        leave(place / f"{kind}_4711.db", value)
    processes.bury(place, ["4711"])
    assert read(place).value("foodshare_x") == 7
    assert [path.name for path in place.iterdir()] != []
    assert not list(place.glob("*_4711.db"))
