"""Samples of figures: what is kept of a snapshot, over restarts, downtimes and 90 days."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from ops.models import MonitoringBaseline, MonitoringSample
from ops.monitoring import availability, history
from ops.monitoring.history import ELAPSED, HOUR, MINUTE, TEN_MINUTES, key_of
from ops.monitoring.metrics import METRICS
from ops.monitoring.snapshot import Sample, Snapshot

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 23, 12, 0, 5, tzinfo=UTC)
OK, FAILED = key_of("foodshare_requests_total", status="2xx"), key_of("foodshare_requests_total", status="5xx")


def snapshot(at: datetime, served: float = 0, failed: float | None = None, **gauges: float) -> Snapshot:
    requests = [Sample({"method": "GET", "endpoint": "a", "status": "200"}, served - 1),
                Sample({"method": "POST", "endpoint": "b", "status": "201"}, 1)]
    if failed is not None:
        requests.append(Sample({"method": "GET", "endpoint": "a", "status": "503"}, failed))
    return Snapshot(at, {"foodshare_requests_total": requests,
                         **{f"foodshare_{name}": [Sample({}, value)] for name, value in gauges.items()}})


def plant(at: datetime, seconds: int = MINUTE, **figures: float) -> None:
    MonitoringSample.objects.create(at=at, seconds=seconds, figures=figures)


def kept(seconds: int) -> list[tuple[datetime, dict[str, float]]]:
    return list(MonitoringSample.objects.filter(seconds=seconds).order_by("at").values_list("at", "figures"))


def minute(number: int) -> datetime:
    return NOON + timedelta(minutes=number)


def test_only_exported_metrics_are_kept() -> None:
    names = {metric.name + ending for metric in METRICS
             for ending in (("_bucket", "_sum", "_count") if metric.kind == "histogram" else ("",))}
    labels = {metric.name: {*metric.labels, "le"} for metric in METRICS}
    assert {each.name for each in history.KEPT} <= names
    assert all(set(each.by) <= labels.get(each.name, {"le"}) for each in history.KEPT)


def test_first_sample_has_gauges_and_no_growth() -> None:
    history.record(snapshot(NOON, served=10, database_size_bytes=5))
    assert kept(MINUTE) == [(NOON.replace(second=0), {"foodshare_database_size_bytes": 5, ELAPSED: 0})]


def test_growth_is_told_by_class_of_status_over_all_endpoints() -> None:
    history.record(snapshot(NOON, served=10, failed=1))
    history.record(snapshot(minute(1), served=40, failed=3))
    assert kept(MINUTE)[1][1] == {OK: 30, FAILED: 2, ELAPSED: 60}


def test_counter_that_began_anew_grew_by_what_it_counts() -> None:
    history.record(snapshot(NOON, served=100))
    history.record(snapshot(minute(1), served=7))
    assert kept(MINUTE)[1][1][OK] == 7


def test_first_failure_of_a_process_is_growth() -> None:
    history.record(snapshot(NOON, served=100))
    history.record(snapshot(minute(1), served=100, failed=2))
    assert kept(MINUTE)[1][1][FAILED] == 2


def test_counter_of_a_server_that_was_not_seen_before_did_not_grow() -> None:
    history.record(snapshot(NOON))
    history.record(snapshot(minute(1), wal_bytes_total=10**9))
    history.record(snapshot(minute(2), wal_bytes_total=10**9 + 5))
    assert [figures.get("foodshare_wal_bytes_total") for _, figures in kept(MINUTE)] == [None, None, 5]


def test_source_that_was_away_for_a_minute_loses_no_growth() -> None:
    for number, gauges in enumerate(({"wal_bytes_total": 5.0}, {}, {"wal_bytes_total": 9.0})):
        history.record(snapshot(minute(number), **gauges))
    assert kept(MINUTE)[2][1]["foodshare_wal_bytes_total"] == 4


def test_minute_is_kept_once() -> None:
    assert history.record(snapshot(NOON, served=10))
    assert not history.record(snapshot(NOON + timedelta(seconds=20), served=20))
    assert len(kept(MINUTE)) == 1
    assert MonitoringBaseline.objects.get(name=history.here()).figures[OK] == 10


def test_rate_over_a_downtime_of_the_worker_is_of_all_that_time() -> None:
    history.record(snapshot(NOON, served=10))
    history.record(snapshot(minute(10), served=610))
    (last,) = [stretch for stretch in history.stretches([OK], NOON - timedelta(hours=1), MINUTE)
               if OK in stretch.figures]
    assert last.rate(OK) == pytest.approx(1.0)


def test_series_of_a_figure_are_bounded() -> None:
    tables = [Sample({"table": f"t{number}"}, number) for number in range(100)]
    found = history.figures_of(Snapshot(NOON, {"foodshare_table_size_bytes": tables}))
    assert len(found) == history.MOST
    assert key_of("foodshare_table_size_bytes", table="t99") in found


def test_after_a_day_samples_are_merged_to_ten_minutes() -> None:
    start = NOON.replace(second=0)
    for number in range(20):
        plant(start + timedelta(minutes=number), gauge=number, requests_total=2, elapsed=60)
    assert history.merge(start + timedelta(days=1, minutes=19)) == 1  # the second ten minutes are not over
    assert kept(TEN_MINUTES) == [(start, {"gauge": 4.5, "requests_total": 20, "elapsed": 600})]
    assert next(at for at, _ in kept(MINUTE)) == start + timedelta(minutes=10)


def test_after_a_week_samples_are_merged_to_an_hour() -> None:
    start = NOON.replace(second=0)
    for number in range(6):
        plant(start + timedelta(minutes=10 * number), TEN_MINUTES, gauge=number, requests_total=5)
    history.merge(start + timedelta(days=7, hours=1))
    assert kept(HOUR) == [(start, {"gauge": 2.5, "requests_total": 30})]
    assert not kept(TEN_MINUTES)


def test_figures_that_some_samples_lack_are_means_of_the_others() -> None:
    assert history.merged([{"a": 2}, {"a": 4, "b": 6}]) == {"a": 3, "b": 6}


def test_merging_again_changes_nothing() -> None:
    for number in range(40):
        plant(NOON.replace(second=0) + timedelta(minutes=number), requests_total=1)
    now = NOON + timedelta(days=8)
    history.merge(now)
    once = kept(TEN_MINUTES), kept(HOUR)
    assert history.merge(now) == 0
    assert (kept(TEN_MINUTES), kept(HOUR)) == once


def test_a_long_downtime_is_merged_in_bounded_runs() -> None:
    MonitoringSample.objects.bulk_create(
        MonitoringSample(at=NOON.replace(second=0) + timedelta(minutes=10 * number), seconds=MINUTE,
                         figures={"requests_total": 1}) for number in range(history.BATCH + 5))
    now = NOON + timedelta(days=40)
    assert history.merge(now) == history.BATCH
    assert not kept(HOUR)
    while history.merge(now):
        pass
    assert not kept(MINUTE)
    assert sum(figures["requests_total"] for _, figures in kept(HOUR)) == history.BATCH + 5


def test_samples_are_forgotten_after_90_days() -> None:
    plant(NOON - timedelta(days=91), HOUR, a=1)
    plant(NOON - timedelta(days=89), HOUR, a=2)
    assert history.forget(NOON) == 1
    assert [figures for _, figures in kept(HOUR)] == [{"a": 2}]


def test_stretches_join_samples_of_all_lengths() -> None:
    plant(NOON - timedelta(days=30), HOUR, gauge=1, requests_total=3600, elapsed=3600)
    plant(NOON - timedelta(days=3), TEN_MINUTES, gauge=2, requests_total=60, elapsed=600)
    plant(NOON, MINUTE, gauge=3, requests_total=60, elapsed=60)
    found = history.stretches(["gauge", "requests_total"], NOON - timedelta(days=90), HOUR)
    assert [(each.figures["gauge"], each.rate("requests_total")) for each in found] == [
        (1, 1), (2, pytest.approx(0.1)), (3, 1)]


def test_mean_of_a_stretch_is_by_time() -> None:
    start = NOON.replace(second=0)
    plant(start, TEN_MINUTES, gauge=10)
    plant(start + timedelta(minutes=10), MINUTE, gauge=0)
    (found,) = history.stretches(["gauge"], start, HOUR)
    assert found.figures["gauge"] == pytest.approx(10 * 600 / 660)


def test_failures_are_counted_for_the_error_budget() -> None:
    for number, (served, failed) in enumerate(((10, 0), (60, 1), (110, 1))):
        history.record(snapshot(minute(number), served=served, failed=failed))
    assert availability.counted(connection, NOON - timedelta(hours=1)) == (101, 1)


@pytest.mark.django_db(transaction=True)
def test_two_workers_keep_one_sample() -> None:
    history.record(snapshot(NOON, served=10))
    barrier, kept_by = Barrier(2), list[bool]()

    def work() -> None:
        barrier.wait()
        kept_by.append(history.record(snapshot(minute(1), served=20)))
        connection.close()

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(kept_by) == [False, True]
    assert kept(MINUTE)[1][1][OK] == 10
