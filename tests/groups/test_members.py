"""The members of a group: who sees them, who admits and who removes them."""

from collections.abc import Callable

import pytest

from foodshare.models import OutboxEvent, User
from groups.models import CommunityGroup, Membership
from tests.factories import client_for, later, make_group, make_member, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def group() -> CommunityGroup:
    return make_group()


@pytest.fixture
def admin(group: CommunityGroup) -> User:
    return make_member(group, role="admin")


def listed(user: User, group: CommunityGroup, query: str = "") -> tuple[int, list[str]]:
    answer = client_for(user).get(f"/api/v1/groups/{group.pk}/members{query}")
    return answer.status_code, [row["user_id"] for row in answer.json().get("results", [])]


def test_members_see_the_active_ones_newest_first(group: CommunityGroup, admin: User) -> None:
    user = make_member(group)
    make_member(group, state="pending")
    make_member(make_group())
    Membership.objects.filter(user=admin).update(created_at=later(days=-1))
    assert listed(user, group) == (200, [str(user.pk), str(admin.pk)])


def test_pages_meet_each_once(group: CommunityGroup, admin: User) -> None:
    members = {str(admin.pk)} | {str(make_member(group).pk) for _ in range(4)}
    client, url, seen = client_for(admin), f"/api/v1/groups/{group.pk}/members?limit=2", []
    while url:
        page = client.get(url).json()
        seen += [row["user_id"] for row in page["results"]]
        url = page["next"]
    assert len(seen) == 5
    assert set(seen) == members


@pytest.mark.parametrize("outsider", [lambda group: make_user(), lambda group: make_member(group, state="pending")])
def test_others_do_not_see_them(group: CommunityGroup, outsider: Callable[[CommunityGroup], User]) -> None:
    assert listed(outsider(group), group) == (403, [])


def test_the_admin_sees_who_waits(group: CommunityGroup, admin: User) -> None:
    waiting = make_member(group, state="pending")
    assert listed(admin, group, "?state=pending") == (200, [str(waiting.pk)])


def test_document_as_admin_user_is_an_admin_without_membership(group: CommunityGroup) -> None:
    user, waiting = make_user(), make_member(group, state="pending")
    CommunityGroup.objects.update(admin_user=user)
    assert listed(user, group, "?state=pending") == (200, [str(waiting.pk)])


def test_a_member_does_not_see_who_waits(group: CommunityGroup) -> None:
    assert listed(make_member(group), group, "?state=pending") == (403, [])


def test_an_unknown_state_is_refused(group: CommunityGroup, admin: User) -> None:
    assert listed(admin, group, "?state=gone") == (400, [])


def path(group: CommunityGroup, user: User) -> str:
    return f"/api/v1/groups/{group.pk}/members/{user.pk}"


def test_the_admin_admits_who_waits(group: CommunityGroup, admin: User) -> None:
    waiting = make_member(group, state="pending")
    for _ in range(2):  # again is harmless
        answer = client_for(admin).post(f"{path(group, waiting)}/approve")
        assert (answer.status_code, answer.json()["state"]) == (200, "active")
    group.refresh_from_db()
    assert group.member_count == 2
    assert list(OutboxEvent.objects.values_list("event_type", "user_id")) == [("group_joined", waiting.pk)]


def test_the_admin_rejects_who_waits(group: CommunityGroup, admin: User) -> None:
    waiting = make_member(group, state="pending")
    assert client_for(admin).delete(path(group, waiting)).status_code == 204
    group.refresh_from_db()
    assert group.member_count == 1
    assert not Membership.objects.filter(user=waiting).exists()
    assert list(OutboxEvent.objects.values_list("event_type", "user_id")) == [("group_join_ended", waiting.pk)]


def test_the_admin_removes_a_member(group: CommunityGroup, admin: User) -> None:
    member = make_member(group)
    assert client_for(admin).delete(path(group, member)).status_code == 204
    group.refresh_from_db()
    assert group.member_count == 1
    assert list(OutboxEvent.objects.values_list("event_type", "user_id")) == [("group_member_removed", member.pk)]


def test_an_admin_is_not_removed(group: CommunityGroup, admin: User) -> None:
    other = make_member(group, role="admin")
    assert client_for(admin).delete(path(group, other)).status_code == 409
    assert Membership.objects.filter(user=other).exists()


def test_only_the_admin_may(group: CommunityGroup, admin: User) -> None:
    member, waiting = make_member(group), make_member(group, state="pending")
    for user in (member, waiting, make_user(), make_member(make_group(), role="admin")):
        client = client_for(user)
        assert client.post(f"{path(group, waiting)}/approve").status_code == 403
        assert client.delete(path(group, member)).status_code == 403
    assert set(Membership.objects.filter(group=group).values_list("state", flat=True)) == {"active", "pending"}


def test_who_does_not_belong_is_a_404(group: CommunityGroup, admin: User) -> None:
    stranger = make_user()
    assert client_for(admin).post(f"{path(group, stranger)}/approve").status_code == 404
    assert client_for(admin).delete(path(group, stranger)).status_code == 404


def test_who_has_switched_mode_since_is_not_admitted(group: CommunityGroup, admin: User) -> None:
    applicant = make_member(group, state="pending")
    User.objects.filter(pk=applicant.pk).update(sharing_mode="neighborhood")
    answer = client_for(admin).post(f"/api/v1/groups/{group.pk}/members/{applicant.pk}/approve")
    assert answer.status_code == 409
    assert "in neighborhood mode" in answer.json()["errors"][0]["detail"]
    assert Membership.objects.get(user=applicant).state == "pending"
