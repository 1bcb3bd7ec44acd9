"""member_count is the number of active members, whoever joins, leaves and is admitted at once."""

from collections.abc import Callable
from functools import partial

from django.db.backends.base.base import BaseDatabaseWrapper

from foodshare.exceptions import FoodShareError
from foodshare.models import OutboxEvent
from groups.models import CommunityGroup, Membership
from groups.services import communities
from tests.factories import make_group, make_member, make_user
from tests.races import all_at_once


def refusals(calls: list[Callable[[], object]]) -> list[str]:
    """Do all at once; the messages of those refused."""
    return [message for message in all_at_once([partial(refusal_of, call) for call in calls]) if message]


def refusal_of(call: Callable[[], object]) -> str:
    try:
        call()
    except FoodShareError as refusal:
        return refusal.message
    return ""


def assert_counted(group: CommunityGroup, expected: int) -> None:
    group.refresh_from_db()
    assert group.member_count == Membership.objects.filter(group=group, state="active").count() == expected


def test_when_many_join(owner: BaseDatabaseWrapper) -> None:
    group = make_group()
    users = [make_user() for _ in range(12)]
    assert refusals([partial(communities.join, user, group.pk) for user in users]) == []
    assert_counted(group, 12)


def test_when_one_joins_many_times(owner: BaseDatabaseWrapper) -> None:
    group, user = make_group(), make_user()
    assert refusals([lambda: communities.join(user, group.pk)] * 8) == []
    assert_counted(group, 1)
    assert OutboxEvent.objects.count() == 1


def test_when_one_is_admitted_rejected_and_gives_up(owner: BaseDatabaseWrapper) -> None:
    group = make_group()
    admin, waiting = make_member(group, role="admin"), make_member(group, state="pending")
    refusals([lambda: communities.approve_member(admin, group.pk, waiting.pk),
              lambda: communities.remove_member(admin, group.pk, waiting.pk),
              lambda: communities.leave(waiting, group.pk)] * 3)
    assert_counted(group, 1)


def test_when_both_admins_leave_one_stays(owner: BaseDatabaseWrapper) -> None:
    group = make_group()
    admins = [make_member(group, role="admin") for _ in range(2)]
    refused = refusals([partial(communities.leave, user, group.pk) for user in admins])
    assert refused == ["The last admin of a group cannot leave it."]
    assert_counted(group, 1)
