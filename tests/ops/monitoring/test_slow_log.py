"""Slow requests and statements are told of by a line of JSON each, which names no person and no value."""

import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any

import orjson
import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from ops.monitoring import slow
from ops.monitoring.endpoints import noting
from ops.monitoring.fingerprint import fingerprint
from ops.monitoring.requests import Counted
from tests.factories import make_user, token_for

ME = "/api/v1/me"
SECRET = "quiche-for-ada@example.org"
STATEMENT = "SELECT pg_sleep(%s), %s"


@pytest.fixture
def lines(settings: Settings) -> Iterator[StringIO]:
    """What the log has, as its handler writes it."""
    written = StringIO()
    [handler] = [each for each in slow.logger.handlers if isinstance(each.formatter, slow.AsJSON)]
    assert isinstance(handler, logging.StreamHandler)
    before = handler.setStream(written)
    slow.allowance.second = -1
    yield written
    handler.setStream(before or handler.stream)


def told(lines: StringIO, event: str) -> list[dict[str, Any]]:
    return [line for line in map(orjson.loads, lines.getvalue().splitlines()) if line["event"] == event]


def sleeping(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, [0.03, SECRET])
    return HttpResponse()


@pytest.mark.django_db
def test_a_slow_request_names_its_endpoint_and_person_by_a_hash(client: Client, lines: StringIO,
                                                                settings: Settings) -> None:
    settings.SLOW_REQUEST = 1e-9
    ada, eve = make_user(name="Ada"), make_user(name="Eve")
    for person in (ada, ada, eve):
        client.get(ME, {"secret": SECRET}, HTTP_AUTHORIZATION=f"Token {token_for(person)}", HTTP_X_REQUEST_ID="abc-1")
    first, second, other = told(lines, "slow request")
    assert (first["endpoint"], first["status"], first["request_id"]) == (f"GET {ME}", 200, "abc-1")
    assert first["ms"] > 0
    assert first["queries"] > 0
    assert first["user"] == second["user"] != other["user"]
    for personal in (SECRET, "Ada", ada.email, str(ada.pk)):
        assert str(personal) not in lines.getvalue()


@pytest.mark.django_db
def test_a_slow_statement_is_told_without_its_values(lines: StringIO, settings: Settings) -> None:
    settings.SLOW_STATEMENT = 0.02
    answer = Counted(sleeping)(RequestFactory().get("/", HTTP_X_REQUEST_ID="abc-2"))
    [line] = told(lines, "slow statement")
    assert line["fingerprint"] == fingerprint(STATEMENT)
    assert (line["request_id"], line["server"], line["rows"]) == ("abc-2", "default", 1)
    assert line["ms"] >= 30
    assert answer.headers["X-Request-ID"] == "abc-2"
    assert SECRET not in lines.getvalue()
    assert not told(lines, "slow request")


@pytest.mark.django_db
def test_a_jobs_slow_statement_is_told_too(lines: StringIO, settings: Settings) -> None:
    settings.SLOW_STATEMENT = 0.02
    noting("job cook", lambda: sleeping(RequestFactory().get("/")))()
    [line] = told(lines, "slow statement")
    assert (line["endpoint"], line["fingerprint"]) == ("job cook", fingerprint(STATEMENT))
    assert SECRET not in lines.getvalue()


@pytest.mark.django_db
def test_nothing_is_told_where_it_is_switched_off(lines: StringIO, settings: Settings) -> None:
    settings.SLOW_STATEMENT = settings.SLOW_REQUEST = 0
    Counted(sleeping)(RequestFactory().get("/"))
    assert not lines.getvalue()


@pytest.mark.parametrize("given", ["", "x" * 65, "two\nlines", "<script>", "ä"])
def test_an_id_that_could_not_be_told_is_replaced(given: str) -> None:
    request = RequestFactory().get("/", HTTP_X_REQUEST_ID=given)
    assert slow.request_id(request) != slow.request_id(request)
    assert len(slow.request_id(request)) == 32


def test_of_very_many_lines_some_are_kept_back_and_counted(lines: StringIO) -> None:
    for _ in range(3 * slow.MOST):
        slow.log("slow request", {})
    assert len(told(lines, "slow request")) < 3 * slow.MOST
    assert slow.allowance.kept_back
    kept_back, slow.allowance.second = slow.allowance.kept_back, -1
    slow.log("slow request", {})
    assert told(lines, "slow request")[-1]["kept_back"] == kept_back
