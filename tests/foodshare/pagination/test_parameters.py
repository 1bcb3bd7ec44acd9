"""Cursors and limits that no page gave out are a 400."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.signing import Signer
from rest_framework.test import APIClient

from tests import factories as make

pytestmark = pytest.mark.django_db
URL = "/api/v1/food-posts"


@pytest.fixture
def client() -> APIClient:
    author = make.make_user()
    for _ in range(3):
        make.make_post(author)
    return make.client_for(author)


def cursor_of(client: APIClient) -> str:
    link: str = client.get(URL, {"mine": "true", "limit": "1"}).json()["next"]
    return parse_qs(urlsplit(link).query)["cursor"][0]


def refused(client: APIClient, url: str, name: str, value: str) -> bool:
    answer = client.get(url, {name: value})
    return (answer.status_code, [error["attr"] for error in answer.json().get("errors", [])]) == (400, [name])


def test_a_cursor_is_good_for_its_list(client: APIClient) -> None:
    assert client.get(URL, {"mine": "true", "cursor": cursor_of(client)}).status_code == 200


def test_a_cursor_of_another_list_is_refused(client: APIClient) -> None:
    assert refused(client, "/api/v1/exchanges", "cursor", cursor_of(client))


def test_a_changed_character_is_noticed(client: APIClient) -> None:
    cursor = cursor_of(client)
    for place in range(0, len(cursor), 6):
        other = "A" if cursor[place] != "A" else "B"
        assert refused(client, URL, "cursor", cursor[:place] + other + cursor[place + 1:]), place


def test_a_truncated_cursor_is_refused(client: APIClient) -> None:
    cursor = cursor_of(client)
    assert all(refused(client, URL, "cursor", cursor[:length]) for length in range(0, len(cursor), 6))


@pytest.mark.parametrize("value", ["", "x", ":", "é", "\ud800", "x" * 5000, "e30:1", "[]"])
def test_what_never_was_a_cursor_is_refused(client: APIClient, value: str) -> None:
    assert refused(client, URL, "cursor", value.encode("utf-8", "replace").decode())


@pytest.mark.parametrize("values", [[], [False, False], [False, False, "x", "y"], [False, False, "2026-01-01", 5, 6],
                                    {"a": 1}, 5, [None] * 4, [False, False, [], {}], "text"])
def test_a_cursor_of_another_version_of_the_list_is_refused(client: APIClient, values: Any) -> None:
    """Rightly signed, and yet not what the list orders by: so are those given out before an upgrade."""
    signed = Signer(salt="cursor:food-post-list").sign_object(values)
    assert refused(client, URL, "cursor", signed)


@pytest.mark.parametrize("value", ["0", "-1", "101", "1000000", "9" * 50, "ten", "1.0", "", " 5", "+5", "５", "0x10"])
def test_a_limit_out_of_bounds_is_refused(client: APIClient, value: str) -> None:
    assert refused(client, URL, "limit", value)


@pytest.mark.parametrize("value", ["1", "100", "007"])
def test_a_limit_within_bounds_is_taken(client: APIClient, value: str) -> None:
    answer = client.get(URL, {"mine": "true", "limit": value})
    assert (answer.status_code, len(answer.json()["results"])) == (200, min(int(value), 3))
