"""Joining and leaving a group."""

import pytest

from foodshare.models import OutboxEvent, User
from groups.models import CommunityGroup, Membership
from tests.factories import client_for, make_group, make_member, make_neighbor, make_user

pytestmark = pytest.mark.django_db


def post(user: User, group: CommunityGroup, action: str) -> tuple[int, str]:
    """Status and text of the answer."""
    answer = client_for(user).post(f"/api/v1/groups/{group.pk}/{action}")
    return answer.status_code, answer.content.decode()


def count(group: CommunityGroup) -> int:
    group.refresh_from_db()
    return group.member_count


def events() -> list[tuple[str, str, object]]:
    return list(OutboxEvent.objects.order_by("id").values_list("topic", "event_type", "user_id"))


def test_join_makes_an_active_member() -> None:
    user, group = make_user(), make_group()
    answer = client_for(user).post(f"/api/v1/groups/{group.pk}/join")
    assert answer.status_code == 201
    assert answer.json() | {"created_at": None} == {"user_id": str(user.pk), "name": user.name, "image": None,
                                                    "role": "member", "state": "active", "created_at": None}
    assert count(group) == 1
    assert events() == [("group.mode.activities", "group_joined", user.pk)]


def test_join_again_is_harmless() -> None:
    user, group = make_user(), make_group()
    assert [post(user, group, "join")[0] for _ in range(2)] == [201, 200]
    assert count(group) == 1
    assert len(events()) == 1


def test_join_where_members_are_verified_waits() -> None:
    user, group = make_user(), make_group(verification_required=True)
    status, body = post(user, group, "join")
    assert status == 201
    assert '"state":"pending"' in body
    assert count(group) == 0
    assert events() == [("group.mode.activities", "group_join_requested", user.pk)]


@pytest.mark.parametrize("mode", ["neighborhood", "community"])
def test_join_in_the_other_mode_is_a_conflict_that_names_both(mode: str) -> None:
    group = make_group("community" if mode == "neighborhood" else "neighborhood")
    status, body = post(make_user(mode), group, "join")
    assert status == 409
    assert f"{group.group_type} group" in body
    assert f"{mode} mode" in body
    assert not Membership.objects.exists()


def test_a_neighbor_joins_a_neighborhood_group() -> None:
    assert post(make_neighbor(), make_group("neighborhood"), "join")[0] == 201


def test_leave_ends_the_membership() -> None:
    group = make_group()
    user = make_member(group)
    assert post(user, group, "leave") == (204, "")
    assert count(group) == 0
    assert not Membership.objects.exists()
    assert events() == [("group.mode.activities", "group_left", user.pk)]


def test_leave_takes_back_the_wish_to_join() -> None:
    group = make_group()
    make_member(group)
    user = make_member(group, state="pending")
    assert post(user, group, "leave")[0] == 204
    assert count(group) == 1
    assert events() == [("group.mode.activities", "group_join_ended", user.pk)]


def test_leave_without_belonging_is_a_404() -> None:
    assert post(make_user(), make_group(), "leave")[0] == 404


def test_the_last_admin_cannot_leave() -> None:
    group = make_group()
    admin = make_member(group, role="admin")
    make_member(group)
    make_member(group, role="admin", state="pending")
    status, body = post(admin, group, "leave")
    assert status == 409
    assert "last admin" in body
    assert count(group) == 2


def test_an_admin_who_leaves_hands_the_group_to_another() -> None:
    admin, other, group = make_user(), make_user(), make_group()
    make_member(group, admin, role="admin")
    make_member(group, other, role="admin")
    CommunityGroup.objects.update(admin_user=admin)
    assert post(admin, group, "leave")[0] == 204
    group.refresh_from_db()
    assert group.admin_user_id == other.pk
    assert group.member_count == 1


@pytest.mark.parametrize("action", ["join", "leave"])
def test_of_an_unknown_group_is_a_404(action: str) -> None:
    answer = client_for(make_user()).post(f"/api/v1/groups/00000000-0000-4000-8000-000000000000/{action}")
    assert answer.status_code == 404
