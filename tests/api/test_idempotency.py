"""A write sent again with the same Idempotency-Key."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from procrastinate.contrib.django import app
from pytest_django import DjangoAssertNumQueries, Settings

from foodshare import tasks
from foodshare.models import IdempotencyKey, ModeTransitionEvent, User
from foodshare.services.idempotency import BATCH, purge_idempotency_keys
from tests.factories import client_for, make_user

pytestmark = pytest.mark.django_db

MODE = "/api/v1/me/mode"


def switch(client: Any, key: str, to: object = "neighborhood", **more: Any) -> Any:
    return client.put(MODE, {"sharing_mode": to} | more, format="json", HTTP_IDEMPOTENCY_KEY=key)


def test_a_retry_gets_the_first_answer_and_does_nothing() -> None:
    client = client_for(make_user())
    first = switch(client, "a")
    client.put(MODE, {"sharing_mode": "community"}, format="json")
    again = switch(client, "a")
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert (first.headers.get("Idempotency-Replayed"), again.headers["Idempotency-Replayed"]) == (None, "true")
    assert ModeTransitionEvent.objects.count() == 2
    assert client.get(MODE).data["sharing_mode"] == "community"


def test_another_key_does_the_work_again() -> None:
    client = client_for(make_user("neighborhood"))
    body = {"address": "Brook Street 1", "apartment": "2B", "phone": "+31 20 123"}
    ids = {client.post("/api/v1/me/verification", body, format="json", HTTP_IDEMPOTENCY_KEY=key).data["id"]
           for key in ("a", "b", "b")}
    assert len(ids) == 2


def test_the_same_key_with_another_body_is_a_422() -> None:
    client = client_for(make_user())
    switch(client, "a")
    answer = switch(client, "a", reason="other")
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (422, "idempotency_key_reused")


def test_the_same_key_at_another_address_is_a_422() -> None:
    client = client_for(make_user())
    switch(client, "a")
    assert client.patch("/api/v1/me", {"name": "Ada"}, format="json", HTTP_IDEMPOTENCY_KEY="a").status_code == 422


def test_an_address_with_a_slash_is_the_same_one() -> None:
    client = client_for(make_user())
    switch(client, "a")
    again = client.put(MODE + "/", {"sharing_mode": "neighborhood"}, format="json", HTTP_IDEMPOTENCY_KEY="a")
    assert again.headers["Idempotency-Replayed"] == "true"


def test_keys_of_different_people_do_not_meet() -> None:
    assert switch(client_for(make_user()), "a").headers.get("Idempotency-Replayed") is None
    assert switch(client_for(make_user()), "a").headers.get("Idempotency-Replayed") is None


def test_a_refusal_is_an_answer_too() -> None:
    client = client_for(make_user())
    first, again = switch(client, "a", "both"), switch(client, "a", "both")
    assert (first.status_code, again.json()) == (400, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize("key", ["", "k" * 256, "a\nb", "a\0b", "\x7f"])
def test_a_bad_key_is_refused(key: str) -> None:
    user = make_user()
    assert switch(client_for(user), key).status_code == 400
    assert User.objects.get(pk=user.pk).sharing_mode == "community"


@pytest.mark.parametrize("key", ["k" * 255, "8e03978e-40d5-43dd-bc93-6894a57f9324", "\"quoted\"", "two words", "é"])
def test_a_good_key_is_taken(key: str) -> None:
    client = client_for(make_user())
    switch(client, key)
    assert switch(client, key).headers["Idempotency-Replayed"] == "true"


def test_a_key_does_not_open_a_closed_method() -> None:
    assert client_for(make_user()).delete(MODE, HTTP_IDEMPOTENCY_KEY="a").status_code == 405


def test_a_read_takes_no_key() -> None:
    client = client_for(make_user())
    client.get(MODE, HTTP_IDEMPOTENCY_KEY="a")
    assert not IdempotencyKey.objects.exists()


def test_without_a_token_no_key_is_kept() -> None:
    assert switch(client_for(), "a").status_code == 401
    assert not IdempotencyKey.objects.exists()


def test_login_keeps_no_token_in_a_key() -> None:
    user = make_user()
    body = {"email": user.email, "password": "correct horse battery 1"}
    answer = client_for(user).post("/api/v1/auth/login", body, format="json", HTTP_IDEMPOTENCY_KEY="a")
    assert answer.status_code == 200
    assert not IdempotencyKey.objects.exists()


def test_an_answer_without_a_body_is_kept() -> None:
    user = make_user()
    assert client_for(user).post("/api/v1/auth/logout", HTTP_IDEMPOTENCY_KEY="a").content == b""
    again = client_for(user).post("/api/v1/auth/logout", HTTP_IDEMPOTENCY_KEY="a")
    assert (again.status_code, again.content) == (204, b"")


def test_a_crash_leaves_neither_work_nor_key(settings: Settings) -> None:
    user = make_user()
    client = client_for(user)
    settings.ROOT_URLCONF = "tests.api.crashing_urls"
    answer = client.post("/api/v1/crash", {"name": "half-written"}, format="json", HTTP_IDEMPOTENCY_KEY="a")
    assert (answer.status_code, answer.data["type"]) == (500, "server_error")
    assert not IdempotencyKey.objects.exists()
    assert User.objects.get(pk=user.pk).name == user.name


def test_a_refusal_takes_back_what_was_written(settings: Settings) -> None:
    user = make_user()
    client = client_for(user)
    settings.ROOT_URLCONF = "tests.api.crashing_urls"
    answer = client.post("/api/v1/refuse", {"name": "half-written"}, format="json", HTTP_IDEMPOTENCY_KEY="a")
    assert answer.status_code == 409
    assert IdempotencyKey.objects.get().status_code == 409
    assert User.objects.get(pk=user.pk).name == user.name


def test_a_retry_takes_a_constant_number_of_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client = client_for(make_user())
    switch(client, "a")
    for _ in range(2):
        with django_assert_num_queries(5):  # token, savepoint, key, release, place in the log
            switch(client, "a")


def old_keys(number: int) -> None:
    user = make_user()
    IdempotencyKey.objects.bulk_create(
        IdempotencyKey(user=user, key=str(n), created_at=timezone.now() - timedelta(hours=24, seconds=1))
        for n in range(number))


def test_keys_are_purged_after_a_day() -> None:
    old_keys(BATCH + 1)
    young = IdempotencyKey.objects.create(user=make_user(), key="young",
                                          created_at=timezone.now() - timedelta(hours=23, minutes=59))
    assert purge_idempotency_keys() == BATCH + 1
    assert IdempotencyKey.objects.get() == young


def test_the_worker_purges_them_every_hour() -> None:
    old_keys(1)
    assert tasks.purge_expired.name in {each.task.name for each in app.periodic_registry.periodic_tasks.values()}
    tasks.purge_expired(timestamp=0)
    assert not IdempotencyKey.objects.exists()
