"""A ticket admits its owner once, within a minute; what else is asked of the live process is refused in one shape."""

from typing import Any
from urllib.parse import quote

import pytest
from pytest_django import Settings

from foodshare.models import User
from groups import live
from ops.live.cache import ALIVE_SECONDS
from tests.factories import client_for, make_user
from tests.live.tools import Ear, Live
from tests.valkeys import OwnValkey
from tests.web.tools import wait_for


def new_ticket(user: User) -> str:
    answer = client_for(user).post("/api/v1/live/ticket")
    assert answer.status_code == 201
    return str(answer.json()["ticket"])


def refusal(process: Live, address: str, method: str = "GET") -> tuple[int, str]:
    """Status and code of a refusal, whose shape is checked."""
    status, body, headers = process.ask(address, method)
    [error] = body["errors"]
    assert (set(body), set(error)) == ({"type", "errors"}, {"code", "detail", "attr"})
    assert headers["access-control-allow-origin"] == "*"
    return status, error["code"]


def test_the_api_gives_a_ticket_and_the_streams_address(settings: Settings) -> None:
    settings.LIVE_URL = "https://live.example"
    answer = client_for(make_user()).post("/api/v1/live/ticket").json()
    assert (answer["url"], answer["expires_in"]) == ("https://live.example/events", 60)
    assert len(answer["ticket"]) >= 40


def test_a_pending_neighbor_gets_no_ticket() -> None:
    assert client_for(make_user("neighborhood")).post("/api/v1/live/ticket").status_code == 403


def test_without_a_valkey_no_ticket_is_given(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = client_for(make_user()).post("/api/v1/live/ticket")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"]


def test_a_ticket_opens_one_stream(process: Live) -> None:
    ticket = quote(new_ticket(make_user()))
    status, _, headers = process.ask(f"/events?ticket={ticket}")
    assert (status, headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    assert refusal(process, f"/events?ticket={ticket}") == (401, "bad_ticket")


@pytest.mark.parametrize("ticket", ["", "?ticket=", "?ticket=forged", f"?ticket={'x' * 43}", "?ticket=%00%ff"])
def test_a_forged_ticket_admits_nobody(process: Live, ticket: str) -> None:
    assert refusal(process, f"/events{ticket}") == (401, "bad_ticket")


def test_an_expired_ticket_admits_nobody(process: Live, own_valkey: OwnValkey) -> None:
    ticket = new_ticket(make_user())
    with own_valkey.client() as client:
        key = live.ticket_key(ticket)
        assert ALIVE_SECONDS < client.ttl(key) <= 60
        client.pexpire(key, 1)
        wait_for(lambda: not client.exists(key))
    assert refusal(process, f"/events?ticket={ticket}") == (401, "bad_ticket")


def test_who_was_suspended_since_is_refused(process: Live) -> None:
    person = make_user()
    ticket = new_ticket(person)
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert refusal(process, f"/events?ticket={ticket}") == (403, "permission_denied")


@pytest.mark.parametrize("last", ["7", "%00", "00000000-0000-0000-0000-000000000000",
                                  "ffffffff-ffff-7fff-bfff-ffffffffffff"])
def test_a_last_event_id_that_is_none_is_refused(process: Live, last: str) -> None:
    assert refusal(process, f"/events?ticket={new_ticket(make_user())}&last_event_id={last}") == (400, "invalid")


@pytest.mark.parametrize(("method", "path", "expected"), [
    ("GET", "/", (404, "not_found")), ("GET", "/events/", (404, "not_found")),
    ("POST", "/events", (405, "method_not_allowed")), ("OPTIONS", "/healthz", (405, "method_not_allowed"))])
def test_other_addresses_and_methods_are_refused(process: Live, method: str, path: str, expected: Any) -> None:
    assert refusal(process, path, method) == expected


def test_the_process_says_that_it_lives(process: Live) -> None:
    assert process.ask("/healthz")[:2] == (200, {"status": "ok"})


def test_a_stream_says_when_to_come_back(process: Live) -> None:
    ear = Ear(process.port, make_user())
    assert 1000 <= int(ear.wait("ready")["retry"]) <= 5000
