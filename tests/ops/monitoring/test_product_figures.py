"""Estimates of rows by their status."""

import pytest
from django.db import connections

from ops.monitoring.sources.product import by_status

pytestmark = pytest.mark.django_db(databases=["owner"])
STATUSES = ("open", "closed", "disputed")


def planted(*counts: int) -> dict[str, float]:
    """What is estimated of a table with so many rows of each status."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE TABLE planted (status text NOT NULL)")
        for status, count in zip(STATUSES, counts, strict=True):
            cursor.execute("INSERT INTO planted SELECT %s FROM generate_series(1, %s)", [status, count])
        cursor.execute("ANALYZE planted")
    return by_status(connections["owner"], "planted", STATUSES)


def test_each_status_is_told_by_its_rows() -> None:
    assert planted(80, 20, 100) == pytest.approx({"open": 80, "closed": 20, "disputed": 100}, rel=0.01)


def test_one_that_is_rare_does_not_vanish() -> None:
    found = planted(80, 20, 1)
    assert found["disputed"] == pytest.approx(1, rel=0.1)


def test_one_that_is_not_there_is_none() -> None:
    assert planted(80, 20, 0)["disputed"] == pytest.approx(0, abs=0.01)


def test_nothing_is_known_of_an_empty_table() -> None:
    assert planted(0, 0, 0) == {}
