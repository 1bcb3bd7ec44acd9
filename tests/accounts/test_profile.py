"""One's own account, and what others see of it."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from foodshare.models import User
from foodshare.services import accounts
from tests.factories import client_for, make_neighbor, make_user

pytestmark = pytest.mark.django_db


def test_it_shows_what_is_known_of_oneself() -> None:
    user = make_neighbor()
    data = client_for(user).get("/api/v1/me").data
    assert (data["id"], data["email"], data["building"], data["apartment"]) == (
        str(user.pk), user.email, user.building_id, "2B")
    assert not {"password", "is_superuser", "is_staff"} & set(data)


def test_name_and_image_can_be_changed() -> None:
    user = make_user()
    answer = client_for(user).patch("/api/v1/me", {"name": "Ada", "image": "https://example.org/a.png"}, format="json")
    assert (answer.status_code, answer.data["name"]) == (200, "Ada")
    user.refresh_from_db()
    assert (user.name, user.image) == ("Ada", "https://example.org/a.png")


def test_an_image_can_be_removed() -> None:
    user = make_user(image="https://example.org/a.png")
    assert client_for(user).patch("/api/v1/me", {"image": None}, format="json").data["image"] is None


def test_nothing_else_can_be_changed() -> None:
    user = make_user("neighborhood")
    client = client_for(user)
    shown: dict[str, Any] = {"verification_level": "full", "sharing_mode": "community", "email": "x@example.org",
                             "id": str(make_user().pk)}
    assert client.patch("/api/v1/me", shown, format="json").status_code == 200
    assert client.patch("/api/v1/me", {"is_superuser": True, "is_staff": True}, format="json").status_code == 400
    now = User.objects.get(pk=user.pk)
    assert (now.verification_level, now.is_superuser, now.is_staff, now.sharing_mode, now.email) == (
        "pending", False, False, "neighborhood", user.email)


@pytest.mark.parametrize("change", [{"name": ""}, {"name": None}, {"name": "n" * 256}, {"name": "a\0"}, {"name": []},
                                    {"image": "not a URL"}, {"image": "javascript:alert(1)"}, {"image": 7},
                                    {"image": "https://example.org/" + "a" * 2000}])
def test_a_bad_change_is_named(change: dict[str, object]) -> None:
    answer = client_for(make_user()).patch("/api/v1/me", change, format="json")
    assert answer.status_code == 400
    assert {error["attr"] for error in answer.data["errors"]} == set(change)


def test_a_change_does_not_undo_a_suspension_meanwhile() -> None:
    user = make_user()
    User.objects.filter(pk=user.pk).update(is_active=False, sharing_mode="neighborhood", verification_level="pending")
    accounts.update_profile(user, name="Ada")
    now = User.objects.get(pk=user.pk)
    assert (now.name, now.is_active, now.sharing_mode) == ("Ada", False, "neighborhood")


def test_others_see_neither_email_nor_address() -> None:
    neighbor = make_neighbor()
    data = client_for(make_user()).get(f"/api/v1/users/{neighbor.pk}").data
    assert set(data) == {"id", "name", "image", "sharing_mode", "verification_level", "created_at"}


@pytest.mark.parametrize("path", ["users/00000000-0000-4000-8000-000000000000", "users/7", "users/None", "users/a b",
                                  "users/" + "f" * 500, "users/%F0%9F%A5%96"])
def test_an_unknown_person_is_a_404(path: str) -> None:
    assert client_for(make_user()).get(f"/api/v1/{path}").status_code == 404


@pytest.mark.parametrize("path", ["me", "users/00000000-0000-4000-8000-000000000000", "me/mode", "me/verification"])
def test_nothing_is_shown_without_a_token(path: str) -> None:
    assert client_for().get(f"/api/v1/{path}").status_code == 401


@pytest.mark.parametrize(("path", "queries"), [("me", 1), ("me/mode", 1), ("me/verification", 2), ("users/{id}", 2)])
def test_reading_takes_a_constant_number_of_queries(path: str, queries: int,
                                                    django_assert_num_queries: DjangoAssertNumQueries) -> None:
    user = make_user()
    client = client_for(user)
    with django_assert_num_queries(queries):
        assert client.get(f"/api/v1/{path.format(id=user.pk)}").status_code == 200
