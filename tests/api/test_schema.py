"""The API's own description, and the page that shows it."""

import re
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

from tests.factories import client_for


def test_the_schema_is_valid_and_complete() -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, file="/dev/null")


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    document: dict[str, Any] = client_for().get("/api/v1/schema", HTTP_ACCEPT="application/json").json()
    return document


def test_anyone_may_read_it(schema: dict[str, Any]) -> None:
    assert schema["openapi"].startswith("3.")


@pytest.mark.parametrize(("wanted", "start"), [("json", b"{"), ("yaml", b"openapi:")])
def test_its_form_may_be_named_in_the_address(wanted: str, start: bytes) -> None:
    assert client_for().get(f"/api/v1/schema?format={wanted}").content.startswith(start)


def test_it_says_how_to_authenticate(schema: dict[str, Any]) -> None:
    (scheme,) = schema["components"]["securitySchemes"].values()
    assert (scheme["in"], scheme["name"]) == ("header", "Authorization")
    assert schema["paths"]["/api/v1/me"]["get"]["security"]
    assert schema["paths"]["/api/v1/auth/login"]["post"]["security"] == [{}]


def test_writes_take_an_idempotency_key(schema: dict[str, Any]) -> None:
    me = schema["paths"]["/api/v1/me"]
    assert [parameter["name"] for parameter in me["patch"]["parameters"]] == ["Idempotency-Key"]
    assert "parameters" not in me["get"]


def test_every_operation_says_how_it_refuses(schema: dict[str, Any]) -> None:
    for path in schema["paths"].values():
        for operation in path.values():
            assert "4XX" in operation["responses"]


def test_the_page_fetches_nothing_from_elsewhere() -> None:
    page = client_for().get(reverse("docs")).content.decode()
    assert not re.findall(r"""(?:src|href)=["'](?:https?:)?//""", page)
    addresses = re.findall(r"""(?:src|href)=["']([^"']+\.(?:js|css))["']""", page)
    assert addresses
    assert all(address.startswith("/static/") for address in addresses)


@pytest.mark.parametrize("name", ["swagger-ui.css", "swagger-ui-bundle.js", "swagger-ui-standalone-preset.js"])
def test_the_pages_files_are_served_by_us(name: str) -> None:
    page = client_for().get(reverse("docs")).content.decode()
    (address,) = set(re.findall(rf"/static/[^\"']*/{name}", page))
    assert client_for().get(address).status_code == 200
