"""A token is looked up in the cache, and lets nobody in any more once it is taken away."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.test import Client
from knox.models import AuthToken
from rest_framework.test import APIClient

from foodshare.models import User
from tests.admin.acting import decide
from tests.admin.conftest import logged_in
from tests.cache.answers import kept
from tests.cache.conftest import Cache
from tests.factories import PASSWORD, client_for, make_moderator, make_user, token_for
from tests.web.tools import ROOT, environment, wait_for

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
ME, NEW = "/api/v1/me", "a long new passphrase 7"


@pytest.fixture
def person() -> User:
    return make_user()


@pytest.fixture
def client(person: User) -> APIClient:
    return client_for(person)


@pytest.fixture
def staff() -> Client:
    return logged_in(make_moderator())


def suspend(person: User, staff: Client) -> Any:
    return decide(staff, "suspend", person)


def revoke(person: User, staff: Client) -> Any:
    return decide(staff, "revoke", AuthToken.objects.get(user=person))


def set_password(person: User, staff: Client) -> Any:
    return staff.post(f"/admin/foodshare/user/{person.pk}/password/",
                      {"password1": NEW, "password2": NEW, "usable_password": "true"})


def take_password_away(person: User, staff: Client) -> Any:
    return staff.post(f"/admin/foodshare/user/{person.pk}/password/",
                      {"password1": "", "password2": "", "usable_password": "false", "unset-password": "1"})


ENDINGS = [suspend, revoke, set_password, take_password_away]


def test_it_ends_before_whoever_ended_it_is_answered(cache: Cache, staff: Client) -> None:
    for end in ENDINGS:
        person = make_user()
        client = client_for(person)
        assert kept(cache, client, ME).status_code == 200
        assert end(person, staff).status_code == 302
        assert client.get(ME).status_code == 401, end
        assert not AuthToken.objects.filter(user=person).exists()


class Other:
    """Another process that serves requests."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.input, self.output = process.stdin, process.stdout

    def me(self, token: str) -> str:
        """Status and number of queries."""
        print(token, file=self.input, flush=True)
        answer: str = self.output.readline().strip()
        return answer


@pytest.fixture
def other(cache: Cache) -> Iterator[Other]:
    settings = environment(REDIS_URL=cache.valkey.url, REDIS_CLUSTER=str(cache.is_cluster), REPLICA_URL="",
                           DJANGO_SETTINGS_MODULE="foodshare.settings")
    with subprocess.Popen([sys.executable, "-m", "tests.cache.other"], cwd=ROOT, env=settings, text=True,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield Other(process)


@pytest.mark.slow
def test_it_ends_in_every_process(cache: Cache, other: Other, staff: Client) -> None:
    def is_kept(token: str) -> bool:
        cache.deliver()
        return other.me(token) == "200 0"

    for end in ENDINGS:
        person = make_user()
        token = token_for(person)
        wait_for(lambda token=token: is_kept(token))  # type: ignore[misc]
        end(person, staff)
        assert other.me(token).startswith("401"), end


def test_it_ends_with_a_log_out(cache: Cache, person: User, client: APIClient) -> None:
    others = client_for(person)
    assert kept(cache, client, ME).status_code == kept(cache, others, ME).status_code == 200
    client.post("/api/v1/auth/logout")
    assert client.get(ME).status_code == 401
    assert others.get(ME).status_code == 200


def test_it_ends_when_the_password_is_changed_in_a_shell(cache: Cache, person: User, client: APIClient) -> None:
    kept(cache, client, ME)
    person.set_password(NEW)
    person.save()
    assert client.get(ME).status_code == 401


def test_it_outlives_a_log_in_that_renews_the_passwords_hash(cache: Cache, person: User, client: APIClient) -> None:
    User.objects.filter(pk=person.pk).update(password=PBKDF2PasswordHasher().encode(PASSWORD, "salt", iterations=1))
    kept(cache, client, ME)
    APIClient().post("/api/v1/auth/login", {"email": person.email, "password": PASSWORD}, format="json")
    assert User.objects.get(pk=person.pk).password.startswith("argon2")
    assert client.get(ME).status_code == 200


def test_it_ends_however_that_was_written(cache: Cache, person: User) -> None:
    endings: list[Callable[[], object]] = [AuthToken.objects.all().delete, lambda: User.objects.update(is_active=False)]
    for end in endings:
        client = client_for(person)
        assert kept(cache, client, ME).status_code == 200
        end()
        cache.deliver()
        assert client.get(ME).status_code == 401


def test_a_suspended_person_is_let_in_again_at_once(cache: Cache, person: User, staff: Client) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)
    client = client_for(person)
    assert kept(cache, client, ME).status_code == 401
    decide(staff, "reactivate", person)
    assert client.get(ME).status_code == 200


def test_rights_that_are_taken_away_are_gone_at_once(cache: Cache, staff: Client) -> None:
    watcher, suspended = make_moderator(), make_user(is_active=False)
    client, address = client_for(watcher), f"/api/v1/users/{suspended.pk}/reputation"
    assert client.get(address).status_code == 200
    staff.post(f"/admin/foodshare/user/{watcher.pk}/change/", {"name": watcher.name, "email": watcher.email})
    assert not User.objects.get(pk=watcher.pk).is_staff
    assert client.get(address).status_code == 404
