"""Founding a group."""

from typing import Any

import pytest

from foodshare.models import OutboxEvent
from groups.models import CommunityGroup, Membership
from tests.factories import client_for, make_group, make_user

pytestmark = pytest.mark.django_db

GROUP = {"name": "Bread savers", "group_type": "community", "city": "Leipzig", "description": "Day-old bread"}


def test_makes_its_creator_admin_and_first_member() -> None:
    user = make_user()
    answer = client_for(user).post("/api/v1/groups", GROUP, format="json")
    assert answer.status_code == 201
    group = answer.json()
    assert {key: group[key] for key in GROUP} == GROUP
    assert group["admin_user_id"] == str(user.pk)
    assert group["member_count"] == 1
    assert group["verification_required"] is False
    assert group["membership"] == {"state": "active", "role": "admin"}


def test_is_told_in_the_outbox() -> None:
    user = make_user()
    group = client_for(user).post("/api/v1/groups", GROUP, format="json").json()
    event = OutboxEvent.objects.get()
    assert (event.topic, event.event_type, event.user_id) == ("group.mode.activities", "group_created", user.pk)
    assert event.payload == {"group_id": group["id"], "group_type": "community"}


def test_of_the_other_mode_is_a_conflict_that_names_it() -> None:
    answer = client_for(make_user("neighborhood")).post("/api/v1/groups", GROUP, format="json")
    assert answer.status_code == 409
    assert "community group" in answer.json()["errors"][0]["detail"]
    assert not CommunityGroup.objects.exists()


def test_with_anothers_telegram_group_is_a_conflict_that_leaves_nothing() -> None:
    make_group(telegram_group_id=-1001)
    answer = client_for(make_user()).post("/api/v1/groups", GROUP | {"telegram_group_id": -1001}, format="json")
    assert answer.status_code == 409
    assert "telegram_group_id" in answer.json()["errors"][0]["detail"]
    assert CommunityGroup.objects.count() == 1
    assert not Membership.objects.exists()
    assert not OutboxEvent.objects.exists()


def test_retried_with_the_same_key_makes_one_group() -> None:
    client = client_for(make_user())
    first, second = (client.post("/api/v1/groups", GROUP, format="json", HTTP_IDEMPOTENCY_KEY="k") for _ in range(2))
    assert first.json() == second.json()
    assert CommunityGroup.objects.count() == 1


@pytest.mark.parametrize(("field", "value"), [
    ("name", ""), ("name", None), ("name", "x" * 256), ("name", "a\x00b"), ("name", ["a"]),
    ("group_type", "family"), ("group_type", None), ("city", "x" * 101), ("description", "x" * 5001),
    ("verification_required", "perhaps"), ("telegram_group_id", 2**63), ("telegram_group_id", "many"),
])
def test_bad_values_are_refused_by_name(field: str, value: Any) -> None:
    answer = client_for(make_user()).post("/api/v1/groups", GROUP | {field: value}, format="json")
    assert answer.status_code == 400
    assert field in answer.content.decode()
    assert not CommunityGroup.objects.exists()


def test_needs_a_token() -> None:
    assert client_for().post("/api/v1/groups", GROUP, format="json").status_code == 401
