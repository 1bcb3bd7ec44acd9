"""Getting a token, using it, giving it back."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password, make_password
from knox.models import AuthToken
from pytest_django import DjangoAssertNumQueries

from foodshare.models import User
from foodshare.services.accounts import purge_expired_tokens
from tests.factories import PASSWORD, client_for, make_user

pytestmark = pytest.mark.django_db


def log_in(email: object, password: object = PASSWORD, **headers: Any) -> Any:
    body = {"email": email, "password": password}
    return client_for().post("/api/v1/auth/login", body, format="json", **headers)


def with_header(value: str) -> Any:
    client = client_for()
    client.credentials(HTTP_AUTHORIZATION=value)
    return client.get("/api/v1/me")


@pytest.mark.parametrize("written", ["ada@example.org", "ADA@example.ORG", "  ada@example.org "])
def test_the_address_may_be_written_in_any_case(written: str) -> None:
    user = make_user(email="ada@example.org")
    answer = log_in(written)
    assert answer.status_code == 200
    assert answer.data["user"]["id"] == str(user.pk)
    assert with_header(f"Token {answer.data['token']}").status_code == 200


def test_the_time_of_login_is_kept() -> None:
    user = make_user()
    log_in(user.email)
    assert User.objects.get(pk=user.pk).last_login is not None


def test_no_answer_tells_which_of_the_two_is_wrong() -> None:
    user = make_user()
    unknown, wrong = log_in("nobody@example.org"), log_in(user.email, "wrong")
    assert unknown.status_code == wrong.status_code == 401
    assert unknown.content == wrong.content
    assert unknown.headers["WWW-Authenticate"] == wrong.headers["WWW-Authenticate"] == "Token"


def test_a_suspended_person_gets_no_token() -> None:
    user = make_user(is_active=False)
    assert log_in(user.email).content == log_in("nobody@example.org").content


def test_a_person_of_an_adopted_database_has_no_login() -> None:
    User.objects.create(name="Adopted")
    assert log_in("", "!").status_code == 400
    assert log_in("none", "!").status_code == 401


@pytest.mark.parametrize(("email", "password"), [(None, "x"), ("x", None), (["x"], "x"), ("x", {"x": 1}),
                                                 ("x\0", "x"), ("x", "x\0"), ("x" * 300, "x"), ("x", "x" * 300)])
def test_bad_credentials_are_named(email: object, password: object) -> None:
    assert log_in(email, password).status_code == 400


def test_an_old_token_does_not_hinder_login() -> None:
    user = make_user()
    assert log_in(user.email, HTTP_AUTHORIZATION="Token worn-out").status_code == 200


def test_logout_ends_this_token_only() -> None:
    user = make_user()
    phone, browser = client_for(user), client_for(user)
    assert phone.post("/api/v1/auth/logout").status_code == 204
    assert phone.get("/api/v1/me").status_code == 401
    assert browser.get("/api/v1/me").status_code == 200


@pytest.mark.parametrize("header", ["Token", "Token a b", "Token unknown", "Token \xff\xfe", "Token \0", "Bearer x",
                                    "Token " + "a" * 5000, ""])
def test_a_bad_token_is_a_401(header: str) -> None:
    assert with_header(header).status_code == 401


def test_an_expired_token_is_a_401() -> None:
    _, token = AuthToken.objects.create(make_user(), expiry=timedelta(seconds=-1))
    assert with_header(f"Token {token}").status_code == 401


def test_suspension_ends_the_tokens_in_use() -> None:
    user = make_user()
    client = client_for(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert client.get("/api/v1/me").status_code == 401


def test_only_expired_tokens_are_purged() -> None:
    user = make_user()
    AuthToken.objects.create(user, expiry=timedelta(seconds=-1))
    AuthToken.objects.create(user, expiry=timedelta(seconds=-1))
    live, _ = AuthToken.objects.create(user)
    lasting, _ = AuthToken.objects.create(user, expiry=None)
    assert purge_expired_tokens() == 2
    assert set(AuthToken.objects.values_list("pk", flat=True)) == {live.pk, lasting.pk}


def test_many_tokens_do_not_slow_one_down(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    user = make_user()
    clients = [client_for(user) for _ in range(5)]
    with django_assert_num_queries(1):
        assert clients[0].get("/api/v1/me").status_code == 200


def test_passwords_are_hashed_by_argon2() -> None:
    hashed = make_password(PASSWORD)
    assert hashed.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert check_password(PASSWORD, hashed)
