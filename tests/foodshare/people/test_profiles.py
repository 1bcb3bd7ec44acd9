"""profiles/{id}: everybody has one, and only they write it."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from foodshare.models import Profile, Relationship, User
from tests.factories import client_for, make_user

pytestmark = pytest.mark.django_db
TOLD = {"bio": "I bake.", "interests": ["bread", "bikes"], "roles": ["driver"], "city": "Ghent", "state": "Flanders"}


def url(user: User) -> str:
    return f"/api/v1/profiles/{user.pk}"


def told(user: User, **fields: Any) -> Any:
    return client_for(user).patch(url(user), fields, format="json")


def test_who_told_nothing_has_an_empty_one() -> None:
    ada = make_user(name="Ada")
    answer = client_for(make_user()).get(url(ada))
    assert answer.json() == {"id": str(ada.pk), "name": "Ada", "image": None, "bio": "", "interests": [], "roles": [],
                             "city": "", "state": ""}
    assert not Profile.objects.exists()


def test_what_one_tells_is_shown_to_others() -> None:
    ada = make_user(name="Ada")
    assert told(ada, **TOLD).json() == client_for(make_user()).get(url(ada)).json()
    assert {name: told(ada).json()[name] for name in TOLD} == TOLD


def test_what_is_left_out_stays() -> None:
    ada = make_user()
    told(ada, **TOLD)
    assert told(ada, city="Bruges").json()["bio"] == TOLD["bio"]
    assert Profile.objects.get(user=ada).location_city == "Bruges"


def test_words_are_kept_in_lower_case_and_once() -> None:
    assert told(make_user(), interests=["Bread", " bread ", "BIKES"]).json()["interests"] == ["bread", "bikes"]


def test_an_unverified_neighbor_tells_too() -> None:
    assert told(make_user("neighborhood"), **TOLD).status_code == 200


def test_another_persons_is_not_ones_to_write() -> None:
    ada = make_user()
    answer = client_for(make_user()).patch(url(ada), {"bio": "Bad"}, format="json")
    assert answer.status_code == 403
    assert not Profile.objects.exists()


@pytest.mark.parametrize(("field", "value"), [
    ("bio", "x" * 2001), ("bio", "\0"), ("bio", None), ("interests", [*"abcdefghijklmnopqrstu"]),
    ("interests", ["x" * 51]), ("interests", [" "]), ("interests", ["\u200b"]), ("interests", ["a\0"]),
    ("interests", "bread"), ("interests", [["bread"]]), ("roles", {"a": 1}), ("roles", None),
    ("city", "x" * 101), ("state", "x" * 101), ("name", "Eve"), ("id", "x"),
])
def test_bad_values_are_refused_by_name(field: str, value: Any) -> None:
    answer = told(make_user(), **{field: value})
    assert answer.status_code == 400
    assert {error["attr"].split(".")[0] for error in answer.json()["errors"]} == {field}
    assert not Profile.objects.exists()


def test_a_suspended_person_has_none() -> None:
    assert client_for(make_user()).get(url(make_user(is_active=False))).status_code == 404


def test_who_is_blocked_does_not_see_the_blocker_and_the_blocker_sees_them() -> None:
    blocker, blocked = make_user(), make_user()
    Relationship.objects.create(from_user=blocker, to_user=blocked, type="BLOCK", status="ACCEPTED")
    assert client_for(blocked).get(url(blocker)).status_code == 404
    assert client_for(blocker).get(url(blocked)).status_code == 200


def test_is_read_by_two_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    ada, client = make_user(), client_for(make_user())
    told(ada, **TOLD)
    with django_assert_num_queries(2):  # the token and the profile
        client.get(url(ada))
