"""What is counted of a request, and under which names."""

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import client_for, make_post, make_user
from tests.ops.monitoring.counting import counted, of_processes

pytestmark = pytest.mark.django_db(databases=["default", "owner", *settings.REPLICA_ALIASES])
POSTS = {"method": "GET", "endpoint": "/api/v1/food-posts"}


def test_an_endpoint_is_its_route_and_never_its_path() -> None:
    user = make_user()
    labels = {"method": "GET", "endpoint": "/api/v1/users/<uuid:id>/reputation", "status": "200"}
    before = counted("foodshare_requests_total", **labels)
    assert client_for(user).get(f"/api/v1/users/{user.pk}/reputation").status_code == 200
    assert counted("foodshare_requests_total", **labels) == before + 1
    assert str(user.pk) not in repr(of_processes())


@pytest.mark.parametrize("path", ["/no/such/address", "/api/v1/no-such", "/\x00"])
def test_all_addresses_that_are_none_count_as_one(path: str) -> None:
    before = counted("foodshare_requests_total", endpoint="unmatched")
    Client().get(path)
    assert counted("foodshare_requests_total", endpoint="unmatched") == before + 1


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_what_watches_is_not_counted(path: str) -> None:
    before = counted("foodshare_requests_total")
    Client().get(path)
    assert counted("foodshare_requests_total") == before


def test_methods_that_nobody_knows_count_as_one() -> None:
    before = counted("foodshare_requests_total", method="OTHER")
    for method in ("BREW", "WHEN"):
        Client().generic(method, "/api/v1/me")
    assert counted("foodshare_requests_total", method="OTHER") == before + 2
    assert "BREW" not in repr(of_processes())


def test_queries_rows_and_time_are_those_of_the_request() -> None:
    user = make_user()
    client = client_for(user)
    for _ in range(3):
        make_post(author=user)
    names = ("foodshare_request_queries_total", "foodshare_request_rows_total", "foodshare_request_seconds_count",
             "foodshare_request_query_seconds_total")
    before = [counted(name, **POSTS) for name in names]
    with CaptureQueriesContext(connection) as ran:
        assert len(client.get("/api/v1/food-posts?mine=true").json()["results"]) == 3
    queries, rows, requests, seconds = (counted(name, **POSTS) - was for name, was in zip(names, before, strict=True))
    assert (queries, requests) == (len(ran), 1)
    assert rows >= 3
    assert seconds > 0


@pytest.mark.urls("tests.api.crashing_urls")
def test_what_fails_is_counted_as_such() -> None:
    before = counted("foodshare_requests_total", status="500")
    client = client_for(make_user())
    client.raise_request_exception = False
    assert client.post("/api/v1/crash").status_code == 500
    assert counted("foodshare_requests_total", status="500") == before + 1
    assert counted("foodshare_requests_in_progress") == 0
