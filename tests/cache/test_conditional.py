"""Whoever has an answer already is told so, and is not sent it again."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from foodshare.models import User
from tests.factories import client_for, make_group, make_member, make_user

pytestmark = pytest.mark.django_db
PATHS = ["me", "profiles/{id}", "users/{id}", "users/{id}/reputation", "food-posts", "relationships", "groups"]


@pytest.fixture
def person() -> User:
    return make_member(make_group())


@pytest.fixture
def client(person: User) -> APIClient:
    return client_for(person)


def get(client: APIClient, person: User, path: str, **headers: Any) -> Any:
    return client.get(f"/api/v1/{path.format(id=person.pk)}", headers=headers)


@pytest.mark.parametrize("path", PATHS)
def test_what_is_still_the_same_is_not_sent_again(path: str, client: APIClient, person: User) -> None:
    first = get(client, person, path)
    again = get(client, person, path, if_none_match=first["ETag"])
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert (again["ETag"], again["Cache-Control"]) == (first["ETag"], first["Cache-Control"])


@pytest.mark.parametrize("path", PATHS)
def test_an_answer_is_for_its_person_alone_and_to_be_asked_for_again(path: str, client: APIClient,
                                                                       person: User) -> None:
    assert get(client, person, path)["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("path", ["me", "profiles/{id}", "users/{id}"])
def test_what_has_changed_is_sent(path: str, client: APIClient, person: User) -> None:
    known = get(client, person, path)["ETag"]
    User.objects.filter(pk=person.pk).update(name="Another")
    changed = get(client, person, path, if_none_match=known)
    assert (changed.status_code, changed.json()["name"]) == (200, "Another")
    assert changed["ETag"] != known


def test_one_of_several_known_answers_is_enough(client: APIClient, person: User) -> None:
    known = get(client, person, "me")["ETag"]
    assert get(client, person, "me", if_none_match=f'"other", W/{known}').status_code == 304
    assert get(client, person, "me", if_none_match='"other"').status_code == 200


def test_a_refusal_has_no_tag_and_is_sent_in_full(client: APIClient) -> None:
    answer = get(client, make_user(is_active=False), "profiles/{id}", if_none_match="*")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, "not_found")
    assert "ETag" not in answer
    assert get(APIClient(), make_user(), "me", if_none_match="*").status_code == 401


def test_what_is_not_as_required_is_refused_in_the_one_shape(client: APIClient, person: User) -> None:
    answer = get(client, person, "me", if_match='"other"')
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (412, "precondition_failed")
    assert get(client, person, "me", if_match=get(client, person, "me")["ETag"]).status_code == 200


def test_a_write_is_answered_in_full(client: APIClient, person: User) -> None:
    answer = client.patch("/api/v1/me", {"name": person.name}, format="json",
                          headers={"if-none-match": get(client, person, "me")["ETag"]})
    assert (answer.status_code, answer.json()["name"]) == (200, person.name)
    assert "ETag" not in answer


def test_what_is_not_the_apis_is_left_as_it_is() -> None:
    answer = APIClient().get("/healthz")
    assert not {"ETag", "Cache-Control"} & set(answer.headers)
