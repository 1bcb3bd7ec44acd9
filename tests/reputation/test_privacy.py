"""What people show of their reputation, and to whom."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from foodshare.models import Relationship, RelationshipStatus, RelationshipType, User
from reputation.models import ReputationPrivacy, UserGlobalReputation
from tests.factories import client_for, make_moderator, make_user

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/me/reputation/privacy"
ALL = {"show_score": True, "show_level": True, "show_statistics": True, "show_trend": True}
FIELDS = {
    "score": {"overall_score", "peak_reputation"},
    "level": {"trust_level"},
    "statistics": {"total_food_shared", "total_food_claimed", "total_exchanges_completed", "total_groups_participated",
                   "avg_food_rating", "avg_recipient_rating", "reliability_score", "community_contributions",
                   "last_activity", "reputation_updated_at"},
    "trend": {"reputation_trend"},
}


def seen(user: User, reader: User) -> Any:
    answer = client_for(reader).get(f"/api/v1/users/{user.pk}/reputation")
    assert answer.status_code == 200
    return answer.json()


def nulls(data: Any) -> set[str]:
    return {name for name, value in data.items() if value is None}


def test_who_has_chosen_nothing_shows_all() -> None:
    user = make_user()
    assert client_for(user).get(ADDRESS).json() == ALL
    assert seen(user, make_user())["hidden"] == []


@pytest.mark.parametrize("part", FIELDS)
def test_a_hidden_part_is_null_and_named(part: str) -> None:
    user, reader = make_user(), make_user()
    before = nulls(seen(user, reader))
    answer = client_for(user).patch(ADDRESS, {f"show_{part}": False}, format="json")
    assert (answer.status_code, answer.json()) == (200, ALL | {f"show_{part}": False})
    data = seen(user, reader)
    assert data["hidden"] == [part]
    assert nulls(data) == before | FIELDS[part]


def test_the_owner_and_moderators_see_all(moderator: User) -> None:
    user = make_user()
    ReputationPrivacy.objects.create(user=user, **dict.fromkeys(ALL, False))
    for reader in (user, moderator, make_moderator()):
        data = seen(user, reader)
        assert (data["hidden"], data["overall_score"], data["trust_level"]) == ([], "75.00", "developing")


def test_staff_without_the_right_to_view_reputation_see_what_others_see(support: User) -> None:
    user = make_user()
    ReputationPrivacy.objects.create(user=user, show_score=False)
    assert seen(user, support)["overall_score"] is None


def test_a_role_without_being_staff_shows_nothing_more(moderator: User) -> None:
    user = make_user()
    User.objects.filter(pk=moderator.pk).update(is_staff=False)
    ReputationPrivacy.objects.create(user=user, show_level=False)
    assert seen(user, moderator)["hidden"] == ["level"]


def test_a_change_leaves_the_other_parts_as_they_are() -> None:
    user = make_user()
    client = client_for(user)
    client.patch(ADDRESS, {"show_trend": False}, format="json")
    client.patch(ADDRESS, {"show_score": False}, format="json")
    client.patch(ADDRESS, {"show_trend": True}, format="json")
    assert client.patch(ADDRESS, {}, format="json").json() == ALL | {"show_score": False}
    assert ReputationPrivacy.objects.count() == 1


@pytest.mark.parametrize(("body", "attr"), [
    ({"show_scores": False}, "show_scores"), ({"show_score": None}, "show_score"),
    ({"show_score": "perhaps"}, "show_score"),
])
def test_what_is_no_setting_is_refused(body: dict[str, Any], attr: str) -> None:
    answer = client_for(make_user()).patch(ADDRESS, body, format="json")
    assert answer.status_code == 400
    assert [error["attr"] for error in answer.json()["errors"]] == [attr]
    assert not ReputationPrivacy.objects.exists()


def test_hidden_statistics_are_not_even_read(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    user = make_user()
    ReputationPrivacy.objects.create(user=user, show_statistics=False)
    client = client_for(make_user())
    with django_assert_num_queries(3):  # token, who may look, row
        client.get(f"/api/v1/users/{user.pk}/reputation")


def test_settings_of_whom_another_program_added() -> None:
    stranger = User.objects.create(name="Adopted")
    ReputationPrivacy.objects.create(user=stranger, show_score=False)
    assert seen(stranger, make_user())["hidden"] == ["score"]
    assert UserGlobalReputation.objects.filter(user=stranger).exists()


def test_the_reputation_of_who_blocks_one_or_is_suspended_is_not_shown() -> None:
    reader, blocking, suspended = make_user(), make_user(), make_user(is_active=False)
    Relationship.objects.create(from_user=blocking, to_user=reader, type=RelationshipType.BLOCK,
                                status=RelationshipStatus.ACCEPTED)
    for user in (blocking, suspended):
        address = f"/api/v1/users/{user.pk}/reputation"
        assert client_for(reader).get(address).status_code == 404
        assert client_for(make_moderator()).get(address).status_code == 200
    assert client_for(blocking).get(f"/api/v1/users/{reader.pk}/reputation").status_code == 200
