"""Switches of mode, activities of groups and violations of trust come the same way."""

from typing import Any

import pytest

from foodshare.models import ModeTransitionEvent, OutboxEvent, VerificationLevel
from foodshare.services import accounts
from foodshare.streams.names import GROUP_ACTIVITIES, MODE_TRANSITIONS
from groups import activities
from groups.models import GroupActivity
from groups.services import communities
from reputation.models import EventStreamCheckpoint
from tests.factories import later, make_group, make_neighbor, make_user
from tests.streams.tools import deliver

pytestmark = pytest.mark.django_db


def test_a_switch_of_mode_knows_its_entry_and_asks_for_verification_again(server: Any) -> None:
    user = make_neighbor()
    accounts.switch_mode(user, "community")
    switched = accounts.switch_mode(user, "neighborhood", "moved back")
    assert switched.verification_level == VerificationLevel.PENDING
    deliver(server)
    entries = [entry for entry, _ in server.xrange(MODE_TRANSITIONS)]
    told = ModeTransitionEvent.objects.filter(user=user).order_by("stream_id").values_list("stream_id", "to_mode")
    assert list(told) == [(entries[0], "community"), (entries[1], "neighborhood")]
    assert not OutboxEvent.objects.exists()
    assert EventStreamCheckpoint.objects.get(stream_name=MODE_TRANSITIONS).last_processed_id == entries[-1]


def test_what_happens_in_a_group_is_in_its_log_once(server: Any) -> None:
    group, user = make_group(), make_user()
    communities.join(user, group.pk)
    [event] = OutboxEvent.objects.filter(topic=GROUP_ACTIVITIES)
    deliver(server)
    server.xadd(GROUP_ACTIVITIES, server.xrange(GROUP_ACTIVITIES)[0][1])
    deliver(server)
    [activity] = GroupActivity.objects.all()
    assert (activity.pk, activity.group, activity.user) == (event.event_id, group, user)
    assert activity.details["group_id"] == str(group.pk)


def test_old_activities_are_forgotten(server: Any) -> None:
    for days in (0, 89, 91, 400):
        GroupActivity.objects.create(id=make_user().pk, event_type="x", details={}, created_at=later(days=-days),
                                     processed_at=later())
    assert activities.purge() == 2
    assert GroupActivity.objects.count() == 2
