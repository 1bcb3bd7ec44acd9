"""The pages of monitoring: who sees them, that each shows figures, and how many statements that takes."""

import re
from datetime import UTC, datetime

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ops.models import Alert, StatementEndpoint
from ops.monitoring.dashboard.moment import Moment
from ops.monitoring.dashboard.pages import overview
from ops.monitoring.dashboard.views import TABS
from ops.monitoring.snapshot import Sample, Snapshot
from ops.monitoring.sources.statements import statements
from tests.factories import make_user
from tests.ops.monitoring.dashboard_people import ADDRESS, client_of, operator
from tests.ops.monitoring.planted import plant_history, plant_minutes, plant_statement_hours

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
PAGES = ["", *(tab for tab in TABS if tab != "overview")]
MOST = {"default": 14, "owner": 12}  # statements of a page, the session and the rights among them; figures are shared


@pytest.fixture
def client() -> Client:
    return client_of(operator("view_monitoringsample"))


def text_of(client: Client, page: str) -> str:
    answer = client.get(ADDRESS + page)
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_page_loads_by_a_bounded_number_of_statements(client: Client) -> None:
    plant_minutes(datetime.now(UTC), 5)
    text_of(client, "live")
    for page in PAGES:
        for alias, taken in statements_of(client, page).items():
            assert len(taken) <= MOST[alias], (page, alias, taken)


def statements_of(client: Client, page: str) -> dict[str, list[str]]:
    """What a page asks of both roles' connections, beside the figures that are shared for five seconds."""
    for _ in range(3):
        with (CaptureQueriesContext(connections["default"]) as default,
              CaptureQueriesContext(connections["owner"]) as owner):
            text_of(client, page)
        taken = {alias: [each["sql"] for each in captured.captured_queries]
                 for alias, captured in (("default", default), ("owner", owner))}
        if not any("FROM pg_stat_database" in statement for statement in taken["owner"]):
            break
    return taken


@pytest.mark.parametrize("rights", [(), ("cancel_query",)], ids=["none", "another"])
def test_staff_without_the_right_sees_nothing(rights: tuple[str, ...]) -> None:
    client = client_of(operator(*rights))
    for page in [*PAGES, "live", "queries/0123456789abcdef"]:
        assert client.get(ADDRESS + page).status_code == 403


def test_people_who_are_no_staff_are_asked_to_log_in() -> None:
    answer = client_of(make_user()).get(ADDRESS)
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/admin/login/")


def test_sidebar_leads_there_whoever_may_look(client: Client) -> None:
    assert ADDRESS in client.get("/admin/").content.decode()
    assert ADDRESS not in client_of(operator()).get("/admin/").content.decode()


def test_page_that_is_not_there_is_404(client: Client) -> None:
    assert client.get(f"{ADDRESS}nothing").status_code == 404
    assert client.get(f"{ADDRESS}queries/0123456789abcdef").status_code == 404


@pytest.mark.slow
def test_overview_shows_charts_of_each_period(client: Client) -> None:
    plant_history(datetime.now(UTC))
    for period in ("1h", "24h", "7d", "90d"):
        html = client.get(ADDRESS, {"over": period}).content.decode()
        lines = re.findall(r'class="line [^"]*" d="([^"]*)"', html)
        assert len(lines) >= 18
        assert max(line.count("L") for line in lines) > 50
        assert "<title" in html
        assert "Nothing is known of this time yet" not in html


def test_overview_says_that_no_worker_keeps_figures(client: Client) -> None:
    assert "need `manage.py worker`" in text_of(client, "")


def test_live_figures_are_those_of_the_cards(client: Client) -> None:
    plant_minutes(datetime.now(UTC), 5)
    cards = {card["key"]: card for card in client.get(f"{ADDRESS}live").json()["cards"]}
    assert cards["size"]["text"].endswith("MB")
    assert cards["requests"]["text"].endswith("/s")
    assert {f'data-figure="{key}"' for key in cards} <= set(re.findall(r'data-figure="[^"]*"', text_of(client, "")))


def test_queries_name_the_endpoint_that_runs_them(client: Client) -> None:
    key = next(iter(statements(connections["owner"])))
    StatementEndpoint.objects.create(fingerprint=key, endpoint="api/v1/food-posts", statement="SELECT ?", calls=5)
    plant_statement_hours(datetime.now(UTC), key)
    html = text_of(client, "queries")
    assert html.count("api/v1/food-posts") == 2  # since the reset, and within the day
    page = text_of(client, f"queries/{key}")
    assert "api/v1/food-posts" in page
    assert "Calls an hour" in page


def test_endpoint_stands_beside_the_statement(client: Client) -> None:
    plant_statement_hours(datetime.now(UTC), next(iter(statements(connections["owner"]))))
    heads = re.findall(r"<thead><tr>(.*?)</tr>", text_of(client, "queries"))
    assert [re.findall(r">([^<]+)</th>", head)[:2] for head in heads] == [["Statement", "Endpoint"]] * 2


@pytest.mark.parametrize(("figures", "text", "hint", "tone"), [
    ({}, "none", "no backups are set up", "warning"),
    ({"foodshare_backups": 0}, "none", "the worker makes one within an hour", "critical"),
    ({"foodshare_backups": 3, "foodshare_backup_age_seconds": 7200}, "2 h", "old", "ok")],
    ids=["not set up", "none yet", "fine"])
def test_card_of_backups_tells_none_from_not_set_up(figures: dict[str, float], text: str, hint: str, tone: str) -> None:
    moment = Moment()
    moment.snapshot = Snapshot(moment.at, {name: [Sample({}, value)] for name, value in figures.items()})
    card = overview.newest_backup(moment)
    assert (card.text, card.hint, card.tone) == (text, hint, tone)


def test_statement_that_the_server_forgot_is_shown_by_what_the_application_knows(client: Client) -> None:
    StatementEndpoint.objects.create(fingerprint="0123456789abcdef", endpoint="job x", statement="SELECT forgotten")
    assert "SELECT forgotten" in text_of(client, "queries/0123456789abcdef")


def test_alerts_that_hold_come_before_those_that_are_over(client: Client) -> None:
    Alert.objects.create(rule="Over", severity="warning", summary="It was so.", ended_at=datetime.now(UTC))
    Alert.objects.create(rule="Holds", severity="critical", summary="It is so.", fired_at=datetime.now(UTC))
    html = text_of(client, "alerts")
    assert html.index("It is so.") < html.index("It was so.")


def test_examination_is_made_by_post_only(client: Client) -> None:
    assert client.get(f"{ADDRESS}doctor/examine").status_code == 405
    assert "Checks made" not in text_of(client, "doctor")
    answer = client.post(f"{ADDRESS}doctor/examine")
    assert "Checks made" in answer.content.decode()


def test_finding_of_the_doctor_is_shown_with_what_mends_it(client: Client) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE INDEX planted_twice ON exchanges (food_id, status); "
                       "CREATE INDEX planted_once ON exchanges (food_id, status)")
    html = client.post(f"{ADDRESS}doctor/examine").content.decode()
    assert "DROP INDEX CONCURRENTLY" in html
    assert "planted_once" in html
    assert "{{" not in html.split('<div class="monitoring"')[1]


def test_pages_have_no_script_of_their_own_in_the_markup(client: Client) -> None:
    for page in PAGES:
        own = text_of(client, page).split('<div class="monitoring"')[1].split("<script")[0]
        assert not re.search(r"\son\w+=|javascript:|style=", own)


def test_nothing_is_fetched_from_outside(client: Client) -> None:
    for page in PAGES:
        html = text_of(client, page)
        assert not re.findall(r"""(?:src|href)=["'](?:https?:)?//""", html), page
