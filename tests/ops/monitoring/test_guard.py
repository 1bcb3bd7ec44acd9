"""Who may read `/metrics`."""

from ipaddress import ip_network
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client
from pytest_django import Settings

pytestmark = pytest.mark.django_db(databases=["default", "owner", *configured.REPLICA_ALIASES])


THIS_MACHINE = [ip_network("127.0.0.0/8"), ip_network("::1")]


@pytest.fixture(autouse=True)
def this_machine(settings: Settings) -> None:
    settings.METRICS_ALLOWED = THIS_MACHINE


def ask(address: str = "203.0.113.7", **headers: str) -> tuple[int, Any]:
    answer = Client().get("/metrics", REMOTE_ADDR=address, headers=headers or None)
    return answer.status_code, answer.json() if "json" in answer["Content-Type"] else answer.content


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_this_machine_may(address: str) -> None:
    status, text = ask(address)
    assert (status, text[:7]) == (200, b"# HELP ")


def test_others_may_not() -> None:
    status, error = ask()
    assert (status, error["type"], error["errors"][0]["code"]) == (403, "client_error", "permission_denied")


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded", "Via",
                                    "X-Real-IP", "True-Client-IP", "CF-Connecting-IP"])
def test_who_comes_through_a_proxy_on_this_machine_may_not(header: str) -> None:
    assert ask("127.0.0.1", **{header: "203.0.113.7"})[0] == 403


def test_an_address_may_be_allowed(settings: Settings) -> None:
    settings.METRICS_ALLOWED = [ip_network("203.0.113.0/29")]
    assert ask("203.0.113.7")[0] == 200
    assert ask("203.0.113.8")[0] == 403
    assert ask("127.0.0.1")[0] == 403


def test_whoever_has_the_token_may(settings: Settings) -> None:
    settings.METRICS_TOKEN = "a long secret"
    assert ask(Authorization="Bearer a long secret")[0] == 200
    for wrong in ("Bearer another", "Bearer", "Token a long secret", "Bearer a long secret2", ""):
        status, error = ask(Authorization=wrong)
        assert (status, error["errors"][0]["code"]) == (401, "not_authenticated")


def test_an_empty_token_opens_nothing(settings: Settings) -> None:
    settings.METRICS_TOKEN = ""
    assert ask(Authorization="Bearer ")[0] == 403


def test_only_reading_is_possible() -> None:
    answer = Client().post("/metrics")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")


def test_no_redirect_to_https_is_needed_to_scrape(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get("/metrics").status_code == 200
