"""Samples of a site of several machines: each knows what its own web processes count, and the servers are one."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from django.db import connection
from pytest_django import Settings

from ops import worker
from ops.models import MonitoringBaseline, MonitoringSample
from ops.monitoring import availability, counters, history, processes
from ops.monitoring.history import ELAPSED, MINUTE, key_of
from ops.monitoring.snapshot import Sample, Snapshot

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 23, 12, 0, 5, tzinfo=UTC)
OK, FAILED = (key_of("foodshare_requests_total", status=status) for status in ("2xx", "5xx"))
WAL, BUSY = "foodshare_wal_bytes_total", "foodshare_requests_in_progress"
LEFT, RIGHT = f"{history.MACHINE}left", f"{history.MACHINE}right"


def minute(number: float) -> datetime:
    return NOON + timedelta(minutes=number)


def snapshot(at: datetime, served: float, failed: float = 0, wal: float = 0, busy: float = 1) -> Snapshot:
    requests = [Sample({"status": "200"}, served), Sample({"status": "500"}, failed)]
    return Snapshot(at, {"foodshare_requests_total": requests, WAL: [Sample({}, wal)], BUSY: [Sample({}, busy)]})


def samples() -> list[dict[str, float]]:
    return list(MonitoringSample.objects.order_by("at").values_list("figures", flat=True))


def test_workers_that_take_turns_keep_what_each_machine_counted() -> None:
    for number in range(6):
        machine, served = [(LEFT, 1_000_000), (RIGHT, 400_000)][number % 2]
        history.record(snapshot(minute(number), served + 60 * number, failed=number, wal=number), machine)
    found = samples()
    assert [each.get(OK) for each in found] == [None, None, 120, 120, 120, 120]
    assert [each.get(FAILED) for each in found] == [None, None, 2, 2, 2, 2]
    assert [each.get(WAL) for each in found] == [None, 1, 1, 1, 1, 1]
    assert availability.counted(connection, NOON - timedelta(hours=1)) == (488, 8)


def test_both_machines_are_in_the_minute_and_the_servers_once() -> None:
    for number in range(3):
        history.record(snapshot(minute(number), 1_000_000 + 60 * number, wal=5 * number, busy=2), LEFT)
        at = minute(number + 0.2)
        assert not history.record(snapshot(at, 400_000 + 30 * number, number, wal=5 * number + 1, busy=3), RIGHT)
    assert samples()[1:] == [{OK: 90, FAILED: 1, WAL: 5, BUSY: 5, ELAPSED: 60}] * 2
    (stretch,) = history.stretches([OK, BUSY], minute(1) - timedelta(seconds=10), history.HOUR)
    assert (stretch.rate(OK), stretch.figures[BUSY]) == (1.5, 5)


def test_machine_is_added_once_a_minute() -> None:
    for at in (minute(0), minute(1), minute(1.3), minute(2)):
        history.record(snapshot(at, 100 * (at - NOON).total_seconds()), LEFT)
    assert [each.get(OK) for each in samples()] == [None, 6000, 6000]


def test_machine_that_comes_later_brings_no_past() -> None:
    history.record(snapshot(minute(0), 10), LEFT)
    history.record(snapshot(minute(1), 20), LEFT)
    history.record(snapshot(minute(1.1), 5_000_000), RIGHT)
    assert samples()[1][OK] == 10


@pytest.mark.django_db(transaction=True)
def test_two_machines_at_once() -> None:
    history.record(snapshot(NOON, 10), LEFT)
    history.record(snapshot(NOON, 50), RIGHT)
    barrier = Barrier(2)

    def work(machine: str, served: float) -> None:
        barrier.wait()
        history.record(snapshot(minute(1), served, wal=7), machine)
        connection.close()

    threads = [Thread(target=work, args=each) for each in ((LEFT, 11), (RIGHT, 52))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert samples()[1] == {OK: 3, FAILED: 0, WAL: 7, BUSY: 2, ELAPSED: 60}


@pytest.mark.django_db(transaction=True)
def test_machine_whose_worker_runs_no_job_adds_its_counts_too() -> None:
    processes.count_alone(counters.collect)
    history.record(snapshot(datetime.now(UTC), 10), LEFT)
    counted = Snapshot(datetime.now(UTC) - timedelta(minutes=1))
    counted.add(processes.figures())
    MonitoringBaseline.objects.create(name=history.here(), at=counted.at, figures=history.figures_of(counted))
    counters.endpoint("GET", "a").answered(200).inc(30)
    own = Thread(target=worker.keep_count)
    own.start()
    own.join()
    assert sum(each.get(OK, 0) for each in samples()) == 30
    assert MonitoringBaseline.objects.filter(name__startswith=history.MACHINE).count() == 2


def test_machines_are_told_apart_by_where_they_count(settings: Settings, tmp_path: Path) -> None:
    first = history.here()
    settings.MONITORING_DIR = tmp_path / "another"
    assert history.here() != first
    assert len(first) <= 100  # as long as the name of a baseline may be


def test_present_rate_of_several_machines_is_that_of_the_newest_minute() -> None:
    for number in range(2):
        history.record(snapshot(minute(number), 60 * number), history.here())
        history.record(snapshot(minute(number), 600 * number), RIGHT)
    now = history.present(snapshot(minute(1.5), 60, busy=4), history.newest_sample())
    assert (now.rate(OK), now.figures[BUSY]) == (11, 4)


def test_sample_of_a_machine_alone_is_not_the_newest() -> None:
    history.record(snapshot(NOON, 1), LEFT)
    MonitoringSample.objects.create(at=minute(1), seconds=MINUTE, figures={OK: 5})
    newest = history.newest_sample()
    assert newest is not None
    assert newest.at == NOON.replace(second=0)


def test_machine_that_is_gone_is_forgotten() -> None:
    history.record(snapshot(NOON - timedelta(days=91), 1), LEFT)
    history.record(snapshot(NOON, 1), RIGHT)
    history.forget(NOON)
    assert set(MonitoringBaseline.objects.values_list("name", flat=True)) == {history.SERVERS, RIGHT}
