"""Opening an account."""

from typing import Any

import pytest
from django.db import IntegrityError
from pytest_django import Settings

from foodshare.models import OutboxEvent, User
from foodshare.services import accounts
from reputation.models import UserGlobalReputation
from tests.factories import PASSWORD, client_for, make_user

pytestmark = pytest.mark.django_db


def body(**changes: Any) -> dict[str, Any]:
    return {"name": "Ada", "email": "Ada@Example.org", "password": PASSWORD} | changes


def register(**changes: Any) -> Any:
    return client_for().post("/api/v1/auth/register", body(**changes), format="json")


def refused(answer: Any, attr: str) -> str:
    """The message about `attr` in a 400."""
    assert answer.status_code == 400, answer.data
    return " ".join(error["detail"] for error in answer.data["errors"] if error["attr"] == attr)


def test_a_neighbor_starts_as_pending() -> None:
    answer = register()
    assert answer.status_code == 201
    user = User.objects.get(pk=answer.data["user"]["id"])
    assert (user.sharing_mode, user.verification_level) == ("neighborhood", "pending")


def test_a_member_of_communities_is_verified_lightly() -> None:
    answer = register(sharing_mode="community")
    assert (answer.data["user"]["sharing_mode"], answer.data["user"]["verification_level"]) == ("community", "light")


def test_the_token_admits() -> None:
    answer = register()
    client = client_for()
    client.credentials(HTTP_AUTHORIZATION=f"Token {answer.data['token']}")
    assert client.get("/api/v1/me").data == answer.data["user"]
    assert answer.data["expiry"] > answer.data["user"]["created_at"]


def test_reputation_and_outbox_know_a_new_person() -> None:
    user_id = register().data["user"]["id"]
    row = UserGlobalReputation.objects.get(user=user_id)
    assert (str(row.overall_score), row.trust_level) == ("75.00", "developing")
    assert OutboxEvent.objects.get(user=user_id).event_type == "user_registered"


def test_nothing_is_kept_when_a_step_fails(settings: Settings) -> None:
    settings.NEW_USER_STEPS = ["reputation.services.open_reputation"] * 2  # the second row breaks the key
    with pytest.raises(IntegrityError):
        accounts.register(name="Ada", email="ada@example.org", password=PASSWORD, sharing_mode="community")
    assert not User.objects.filter(email="ada@example.org").exists()


def test_the_address_is_kept_in_lower_case() -> None:
    assert register().data["user"]["email"] == "ada@example.org"


def test_an_address_has_one_account_in_any_case() -> None:
    make_user(email="ada@example.org")
    assert "already" in refused(register(email="ADA@EXAMPLE.ORG"), "email")


@pytest.mark.parametrize("email", ["ada", "ada@", "@example.org", "a b@example.org", "ada@exämple.org",
                                   "\u212aay@example.org", f"{'a' * 300}@example.org", "", None, 7,
                                   ["a@example.org"], "a\0@example.org"])
def test_a_bad_address_is_named(email: object) -> None:
    assert refused(register(email=email), "email")


@pytest.mark.parametrize("password", ["short1", "password", "1234567890123", "ada@example.org", "x" * 257, "", None, 7])
def test_a_weak_password_is_named(password: object) -> None:
    assert refused(register(password=password), "password")


@pytest.mark.parametrize("name", ["", "   ", "n" * 256, None, "a\0b", {"a": 1}, ["a"], True])
def test_a_bad_name_is_named(name: object) -> None:
    assert refused(register(name=name), "name")


@pytest.mark.parametrize("mode", ["both", "", None, 1, ["community"], {"to": "community"}])
def test_an_unknown_mode_is_named(mode: object) -> None:
    assert refused(register(sharing_mode=mode), "sharing_mode")


def test_missing_fields_are_all_named() -> None:
    answer = client_for().post("/api/v1/auth/register", {}, format="json")
    assert {error["attr"] for error in answer.data["errors"]} == {"name", "email", "password"}


def test_a_password_is_never_answered() -> None:
    assert PASSWORD not in register().content.decode()


def test_a_retry_is_refused_and_may_log_in() -> None:
    sent = body()
    for status in (201, 400):
        answer = client_for().post("/api/v1/auth/register", sent, format="json", HTTP_IDEMPOTENCY_KEY="a")
        assert answer.status_code == status
    credentials = {"email": sent["email"], "password": sent["password"]}
    assert client_for().post("/api/v1/auth/login", credentials, format="json").status_code == 200
    assert User.objects.count() == 1
