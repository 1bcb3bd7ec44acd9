"""Addresses: with and without a trailing slash, unknown, without a token; who gets JSON and who HTML."""

from typing import Any

import pytest

from tests.factories import client_for, make_moderator, make_user

pytestmark = pytest.mark.django_db


def test_a_trailing_slash_makes_no_difference() -> None:
    user = make_user()
    client = client_for(user)
    assert client.get("/api/v1/me/").content == client.get("/api/v1/me").content
    assert client.patch("/api/v1/me/", {"name": "Ada"}, format="json").data["name"] == "Ada"
    assert client.get(f"/api/v1/users/{user.pk}/").status_code == 200


@pytest.mark.parametrize("path", ["/", "/api", "/api/", "/api/v1", "/api/v1/", "/api/v1/nothing", "/api/v1/me//",
                                  "/api/v2/me", "/api/v1/%ff", "/robots.txt", "/api/v1/me;x", "//api/v1/me"])
def test_an_unknown_address_is_a_404_in_json(path: str) -> None:
    answer = client_for(make_user()).get(path)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, "not_found")


def test_people_in_the_admin_get_html(client: Any) -> None:
    client.force_login(make_moderator())
    answer = client.get("/admin/nothing/")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
