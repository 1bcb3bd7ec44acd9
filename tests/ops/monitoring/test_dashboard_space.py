"""The tab that shows the size of tables, and what they grew by."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections
from django.test import Client

from ops.models import MonitoringSample
from ops.monitoring import history
from ops.monitoring.dashboard.moment import Moment
from ops.monitoring.dashboard.units import size
from ops.monitoring.history import ELAPSED, HOUR, key_of
from ops.monitoring.metrics import TOP
from ops.monitoring.sources.tables import tables
from tests.ops.monitoring.dashboard_people import ADDRESS, client_of, operator

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
HEAP, INDEXES = "foodshare_table_size_bytes", "foodshare_table_indexes_size_bytes"


@pytest.fixture
def client() -> Client:
    return client_of(operator("view_monitoringsample"))


def rows(client: Client) -> dict[str, list[str]]:
    html = client.get(f"{ADDRESS}space").content.decode()
    found = re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", each, re.DOTALL) for each in found]
    return {each[0]: each for each in cells}


def plant(ago: timedelta, **figures: float) -> None:
    MonitoringSample.objects.create(at=datetime.now(UTC) - ago, seconds=HOUR, figures={ELAPSED: HOUR, **figures})


def test_growth_is_of_heap_and_indexes_or_unknown(client: Client) -> None:
    [first, second, *_] = tables(connections["owner"])
    plant(timedelta(days=6, hours=23, minutes=50), **{
        key_of(HEAP, table=first.name): first.bytes - 1024, key_of(INDEXES, table=first.name): first.index_bytes - 2048,
        key_of(HEAP, table=second.name): second.bytes})
    found = rows(client)
    assert found["Table"][4] == "In a week"
    assert (found[first.name][4], found[second.name][4]) == ("+3 kB", "–")


def test_younger_history_says_since_when(client: Client) -> None:
    plant(timedelta(hours=5), foodshare_database_size_bytes=1.0)
    since = f"{datetime.now(UTC) - timedelta(hours=5):%d %b %H}"
    assert rows(client)["Table"][4].startswith(f"Since {since}:")


def test_tables_are_in_the_order_of_their_size_with_indexes(client: Client) -> None:
    expected = sorted(tables(connections["owner"]), key=lambda each: -(each.bytes + each.index_bytes))[:TOP]
    shown = [cells for name, cells in rows(client).items() if name != "Table"]
    assert [cells[2:4] for cells in shown] == [[size(each.bytes), size(each.index_bytes)] for each in expected]


def test_history_keeps_both_figures_of_the_same_tables() -> None:
    moment = Moment()
    names = [{history.label_of(key) for key in history.figures_of(moment.snapshot) if history.name_of(key) == name}
             for name in (HEAP, INDEXES)]
    assert names[0] == names[1]
    assert len(names[0]) == TOP
