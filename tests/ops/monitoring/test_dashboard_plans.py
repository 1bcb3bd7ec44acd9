"""EXPLAIN on demand: plans of statements whose values are gone, none of which is run."""

import pytest
from django.db import connection
from django.test import Client

from foodshare.models import FoodPost, Neighborhood
from ops.monitoring.dashboard.explaining import GENERIC_FROM, NoPlan, plan_of
from ops.monitoring.fingerprint import fingerprint
from tests.ops.monitoring.dashboard_people import ADDRESS, client_of, operator

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


@pytest.fixture
def has_plans(db: None) -> None:
    connection.ensure_connection()
    if connection.connection.info.server_version < GENERIC_FROM:
        pytest.skip("PostgreSQL 15 has no generic plans on demand")


@pytest.mark.usefixtures("has_plans")
def test_plan_is_of_whatever_values() -> None:
    plan = plan_of("SELECT * FROM users WHERE email = $1")
    assert "on users" in plan
    assert "(email)::text = $1" in plan


@pytest.mark.usefixtures("has_plans")
def test_write_is_planned_and_not_run() -> None:
    Neighborhood.objects.create(name="Stays", city="Utrecht")
    assert "Delete on neighborhoods" in plan_of("DELETE FROM neighborhoods WHERE name = $1")
    assert Neighborhood.objects.filter(name="Stays").exists()


def test_what_has_no_plan_says_so() -> None:
    with pytest.raises(NoPlan):
        plan_of("VACUUM users")


@pytest.mark.usefixtures("has_plans")
def test_what_the_runtime_role_may_not_read_is_not_planned() -> None:
    with pytest.raises(NoPlan, match="does not plan"):
        plan_of("SELECT * FROM pg_authid WHERE rolname = $1")


@pytest.mark.usefixtures("has_plans")
@pytest.mark.parametrize("typed", ["SELECT now() - interval $1", "SELECT $1 - $2"])
def test_placeholder_that_is_no_sql_is_explained(typed: str) -> None:
    with pytest.raises(NoPlan, match="a placeholder for each value"):
        plan_of(typed)


def test_server_without_generic_plans_says_what_is_not_possible() -> None:
    connection.ensure_connection()
    if connection.connection.info.server_version >= GENERIC_FROM:
        pytest.skip("this server has them")
    with pytest.raises(NoPlan, match="from 16 on"):
        plan_of("SELECT $1")


@pytest.fixture
def asked() -> tuple[Client, str]:
    """Somebody who looks, and the address of a statement that has just been run."""
    asked = FoodPost.objects.filter(title="bread", status="available").order_by("-pickup_time")[:7]
    assert not list(asked)
    key = fingerprint(asked.query.sql_with_params()[0])
    return client_of(operator("view_monitoringsample")), f"{ADDRESS}queries/{key}"


def test_plan_is_shown_only_when_asked_for(asked: tuple[Client, str]) -> None:
    client, address = asked
    assert "Generic plan</h2>" not in client.get(address).content.decode()


@pytest.mark.usefixtures("has_plans")
def test_plan_is_shown_on_demand(asked: tuple[Client, str]) -> None:
    client, address = asked
    html = client.post(address).content.decode()
    assert "Generic plan</h2>" in html
    assert "on food_posts" in html
