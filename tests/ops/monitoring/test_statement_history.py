"""What statements do, by the hour, from the server's own statistics."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections

from foodshare.models import Neighborhood
from ops.models import MonitoringBaseline, StatementEndpoint, StatementSample
from ops.monitoring import history
from ops.monitoring.fingerprint import fingerprint
from ops.monitoring.history import Work
from ops.monitoring.metrics import TOP

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
NOON = datetime(2026, 11, 23, 12, 10, tzinfo=UTC)
HOUR = NOON.replace(minute=0)


def kept(at: datetime = HOUR) -> dict[str, tuple[int, float]]:
    return {row.fingerprint: (row.calls, row.milliseconds) for row in StatementSample.objects.filter(at=at)}


def later(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def test_first_look_keeps_nothing() -> None:
    assert history.record_statements({"a": Work(5, 50.0)}, NOON) == 0
    assert kept() == {}


def test_growth_is_added_to_the_hour() -> None:
    for minutes, work in ((0, Work(5, 50.0)), (10, Work(7, 60.0)), (20, Work(8, 75.0))):
        history.record_statements({"a": work}, later(minutes))
    assert kept() == {"a": (3, 25.0)}


def test_next_hour_has_its_own_row() -> None:
    for minutes, calls in ((0, 5), (10, 6), (60, 9)):
        history.record_statements({"a": Work(calls, calls * 10.0)}, later(minutes))
    assert (kept(), kept(HOUR + timedelta(hours=1))) == ({"a": (1, 10.0)}, {"a": (3, 30.0)})


def test_after_a_reset_all_that_the_server_has_is_growth() -> None:
    history.record_statements({"a": Work(500, 50.0)}, NOON)
    history.record_statements({"a": Work(3, 9.0)}, later(10))
    assert kept() == {"a": (3, 9.0)}


def test_statement_that_is_new_counts_whole() -> None:
    history.record_statements({}, NOON)
    history.record_statements({"a": Work(3, 9.0)}, later(10))
    assert kept() == {"a": (3, 9.0)}


def test_what_did_not_run_is_not_kept() -> None:
    for minutes in (0, 10):
        history.record_statements({"a": Work(3, 9.0)}, later(minutes))
    assert kept() == {}


def test_of_an_hour_that_is_over_those_that_lead_stay() -> None:
    def totals(run: int) -> dict[str, Work]:
        return {f"{run}-{number}": Work(1, number + run * 100.0) for number in range(TOP)}

    history.record_statements({}, NOON)
    history.record_statements(totals(1), later(10))
    history.record_statements(totals(2), later(20))
    assert len(kept()) == 2 * TOP
    history.record_statements({"a": Work(1, 1.0)}, later(60))
    assert set(kept()) == set(totals(2))


def test_the_ones_that_lead_are_told_over_hours() -> None:
    for at, key, spent in ((HOUR, "a", 10.0), (HOUR - timedelta(hours=1), "a", 5.0), (HOUR, "b", 12.0),
                           (HOUR - timedelta(days=3), "b", 500.0)):
        StatementSample.objects.create(at=at, fingerprint=key, calls=2, milliseconds=spent, rows=3, blocks_read=4)
    assert history.statements_since(HOUR - timedelta(hours=2)) == [
        ("a", Work(4, 15.0, 6, 8)), ("b", Work(2, 12.0, 3, 4))]


def test_growth_is_what_the_server_counted() -> None:
    """With the real pg_stat_statements, by the fingerprint of Django's own text."""
    def read(times: int) -> None:
        for number in range(times):
            list(Neighborhood.objects.filter(city="Utrecht", name=f"Quarter {number}").values("city", "name", "id"))

    read(30)
    key = fingerprint(str(Neighborhood.objects.filter(city="?", name="?").values("city", "name", "id").query))
    every = history.totals(5000)
    history.record_statements({key: every[key]}, NOON)
    read(40)
    history.record_statements({key: history.totals(5000)[key]}, later(10))
    assert kept()[key][0] == 40
    assert kept()[key][1] > 0


def test_server_that_forgot_its_statistics_loses_no_hour() -> None:
    history.record_statements(history.totals(), NOON)
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT 1 FROM neighborhoods WHERE city = 'Utrecht' AND name = 'only here'")
    assert history.record_statements(history.totals(5000), later(10)) > 0
    assert all(calls > 0 for calls, _ in kept().values())


def test_statements_are_forgotten_after_90_days() -> None:
    old, new = NOON - timedelta(days=91), NOON - timedelta(days=89)
    for at in (old, new):
        StatementSample.objects.create(at=at, fingerprint="a", calls=1, milliseconds=1, rows=1, blocks_read=1)
        StatementEndpoint.objects.create(fingerprint=f"{at:%d}", endpoint="e", statement="s", seen_at=at)
    assert history.forget(NOON) == 2
    assert [row.at for row in StatementSample.objects.all()] == [new]
    assert [row.seen_at for row in StatementEndpoint.objects.all()] == [new]


def test_baseline_has_only_what_the_server_still_knows() -> None:
    history.record_statements({"a": Work(1, 1.0)}, NOON)
    history.record_statements({"b": Work(1, 1.0)}, later(10))
    assert list(MonitoringBaseline.objects.get(name="statements").figures) == ["b"]
