"""member_count is the number of active members, whoever joins, leaves and is admitted at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from foodshare.exceptions import FoodShareError
from foodshare.models import OutboxEvent
from groups.models import CommunityGroup, Membership
from groups.services import communities
from tests.factories import make_group, make_member, make_user


def at_once(calls: list[Callable[[], Any]]) -> list[str]:
    """Run all calls in threads of their own; the messages of those refused."""
    def attempt(call: Callable[[], Any]) -> str:
        try:
            call()
        except FoodShareError as refusal:
            return refusal.message
        finally:
            connections.close_all()
        return ""

    with ThreadPoolExecutor(len(calls)) as pool:
        return [message for message in pool.map(attempt, calls) if message]


def assert_counted(group: CommunityGroup, expected: int) -> None:
    group.refresh_from_db()
    assert group.member_count == Membership.objects.filter(group=group, state="active").count() == expected


def test_when_many_join(owner: BaseDatabaseWrapper) -> None:
    group = make_group()
    users = [make_user() for _ in range(12)]
    assert at_once([lambda user=user: communities.join(user, group.pk) for user in users]) == []  # type: ignore[misc]
    assert_counted(group, 12)


def test_when_one_joins_many_times(owner: BaseDatabaseWrapper) -> None:
    group, user = make_group(), make_user()
    assert at_once([lambda: communities.join(user, group.pk)] * 8) == []
    assert_counted(group, 1)
    assert OutboxEvent.objects.count() == 1


def test_when_one_is_admitted_rejected_and_gives_up(owner: BaseDatabaseWrapper) -> None:
    group = make_group()
    admin, waiting = make_member(group, role="admin"), make_member(group, state="pending")
    at_once([lambda: communities.approve_member(admin, group.pk, waiting.pk),
             lambda: communities.remove_member(admin, group.pk, waiting.pk),
             lambda: communities.leave(waiting, group.pk)] * 3)
    assert_counted(group, 1)


def test_when_both_admins_leave_one_stays(owner: BaseDatabaseWrapper) -> None:
    group = make_group()
    admins = [make_member(group, role="admin") for _ in range(2)]
    refused = at_once([lambda user=user: communities.leave(user, group.pk) for user in admins])  # type: ignore[misc]
    assert refused == ["The last admin of a group cannot leave it."]
    assert_counted(group, 1)
