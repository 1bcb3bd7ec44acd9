"""Malformed requests are refused with a 4xx in the one shape, and change nothing."""

from typing import Any, cast

import pytest
from django.conf import settings
from rest_framework.test import APIClient

from foodshare.models import User
from tests.factories import client_for, make_user

pytestmark = pytest.mark.django_db

ME = "/api/v1/me"


def patch(body: bytes, content_type: str = "application/json", **headers: Any) -> Any:
    return client_for(make_user()).generic("PATCH", ME, cast(str, body), content_type=content_type, **headers)


def refused(answer: Any, status: int) -> str:
    """The first message of a refusal with `status`; its shape is the one every error has."""
    assert answer.status_code == status
    data = answer.json()
    assert set(data) == {"type", "errors"}
    assert all(set(error) == {"code", "detail", "attr"} for error in data["errors"])
    detail: str = data["errors"][0]["detail"]
    return detail


@pytest.mark.parametrize("body", [
    b"{", b"nonsense", b"{'name': 'Ada'}", b'{"name": NaN}', b'{"name": Infinity}', b'{"name": "\xff"}',
    b'{"name": "\\ud800"}', b'{"name": "a\x00b"}', b'{"a":' * 2000 + b"1" + b"}" * 2000, b"[" * 100_000,
    b'{"n": ' + b"1" * 5000 + b"}", b'{"n": 1e400}', b"\xef\xbb\xbf{}", b" "])
def test_what_is_not_json_is_a_400(body: bytes) -> None:
    assert "JSON" in refused(patch(body), 400)


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"7", b"null", b"true", b'[{"name": "Ada"}]'])
def test_what_is_not_an_object_is_a_400(body: bytes) -> None:
    assert "object" in refused(patch(body), 400)


@pytest.mark.parametrize("value", [2**64 - 1, -(2**63), 1e300, 2**64, [], {}, True])
def test_a_value_of_the_wrong_kind_is_a_400(value: object) -> None:
    answer = client_for(make_user()).patch(ME, {"image": value}, format="json")
    assert refused(answer, 400)


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml",
                                          "multipart/form-data; boundary=x", "application/msgpack", "nonsense",
                                          "a/b/c"])
def test_what_is_not_sent_as_json_is_a_415(content_type: str) -> None:
    refused(patch(b'{"name": "Ada"}', content_type), 415)


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON"])
def test_what_is_sent_as_json_is_taken(content_type: str) -> None:
    assert patch(b'{"name": "Ada"}', content_type).status_code == 200


def test_a_body_over_the_limit_is_a_413() -> None:
    body = b'{"name": "' + b"a" * settings.MAX_BODY_BYTES + b'"}'
    assert str(settings.MAX_BODY_BYTES) in refused(patch(body), 413)


def test_a_body_of_exactly_the_limit_is_read() -> None:
    body = b'{"name": "Ada"}'.ljust(settings.MAX_BODY_BYTES)
    assert patch(body).status_code == 200


@pytest.mark.parametrize(("length", "status"), [("9" * 23, 413), ("-1", 400), ("many", 400), ("²", 400)])
def test_a_wrong_length_is_refused(length: str, status: int) -> None:
    refused(patch(b"{}", CONTENT_LENGTH=length), status)


def test_a_body_without_a_length_is_a_411() -> None:
    refused(patch(b"{}", CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING="chunked"), 411)


@pytest.mark.parametrize("path", ["/api/v1/users/\0", "/api/v1/users/a%00b", "/api/v1/users/x?a=%00", "/api/v1/%00",
                                  "/%00", "/admin/login/?next=%00"])
def test_nul_in_the_address_is_a_400(path: str) -> None:
    assert "NUL" in refused(client_for(make_user()).get(path), 400)


@pytest.mark.parametrize("field", ["name", "image"])
def test_nul_in_a_value_is_a_400(field: str) -> None:
    answer = client_for(make_user()).patch(ME, {field: "https://example.org/\0"}, format="json")
    assert "ull characters" in refused(answer, 400)


def test_an_unknown_parameter_is_named() -> None:
    user = make_user()
    answer = client_for(user).get(f"/api/v1/users/{user.pk}?verbose=1")
    assert refused(answer, 400)
    assert answer.json()["errors"][0]["attr"] == "verbose"


def test_too_many_parameters_are_a_400() -> None:
    user = make_user()
    query = "&".join(f"p{n}=1" for n in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1))
    refused(client_for(user).get(f"/api/v1/users/{user.pk}?{query}"), 400)


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "nonsense"])
def test_an_answer_that_cannot_be_had_is_a_406(accept: str) -> None:
    refused(client_for(make_user()).get(ME, HTTP_ACCEPT=accept), 406)


@pytest.mark.parametrize("method", ["post", "put", "delete", "options", "trace"])
def test_a_closed_method_is_a_405(method: str) -> None:
    refused(getattr(client_for(make_user()), method)(ME), 405)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/api/v1/schema", "/api/v1/docs"])
def test_what_is_only_read_takes_no_other_method(path: str, method: str) -> None:
    client = APIClient(enforce_csrf_checks=True)
    answer = getattr(client, method)(path)
    refused(answer, 405)
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize("accept", ["image/png", "nonsense"])
@pytest.mark.parametrize("path", ["/api/v1/schema", "/api/v1/docs"])
def test_a_description_that_cannot_be_had_is_a_406(path: str, accept: str) -> None:
    refused(client_for().get(path, HTTP_ACCEPT=accept), 406)


def test_a_form_of_the_schema_that_there_is_not_is_a_404() -> None:
    refused(client_for().get("/api/v1/schema?format=xml"), 404)


@pytest.mark.parametrize("value", ["xml", "json"])
def test_the_form_of_an_answer_is_no_parameter(value: str) -> None:
    answer = client_for(make_user()).get(f"/api/v1/food-posts?format={value}")
    assert "Unknown parameter" in refused(answer, 400)


def test_a_form_without_its_token_is_refused_in_html_below_admin() -> None:
    answer = APIClient(enforce_csrf_checks=True).post("/admin/login/")
    assert (answer.status_code, answer.headers["Content-Type"]) == (403, "text/html; charset=utf-8")


@pytest.mark.parametrize("query", ["pickup_after=now", "pickup_before=0001-01-01T00:00:00%2B14:00", "category=x",
                                   "group=x", "q=" + "x" * 101])
def test_a_bad_parameter_has_a_code(query: str) -> None:
    answer = client_for(make_user()).get(f"/api/v1/food-posts?{query}")
    refused(answer, 400)
    assert all(error["code"] for error in answer.json()["errors"])


def test_a_bad_idempotency_key_blames_no_field() -> None:
    answer = patch(b"{}", HTTP_IDEMPOTENCY_KEY="x" * 300)
    refused(answer, 400)
    assert answer.json()["errors"][0]["attr"] is None


def test_a_foreign_host_is_a_400() -> None:
    refused(client_for(make_user()).get(ME, HTTP_HOST="evil.example"), 400)


def test_a_refused_change_leaves_everything_as_it_was() -> None:
    user = make_user()
    client_for(user).patch(ME, {"name": "Ada", "image": "nonsense"}, format="json")
    assert User.objects.get(pk=user.pk).name == user.name


@pytest.mark.parametrize("address", ["/api/v1/lost", "/api/v1/standby", "/standby"])
def test_a_database_that_takes_no_writes_is_a_503_that_says_when_to_come_back(settings: Any, address: str) -> None:
    client = client_for(make_user())
    settings.ROOT_URLCONF = "tests.api.crashing_urls"
    answer = client.post(address, {"name": "x"}, format="json", HTTP_IDEMPOTENCY_KEY="a")
    assert refused(answer, 503)
    assert answer.headers["Retry-After"] == "2"
