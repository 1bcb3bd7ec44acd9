"""A relay that died after it had published a row left it unmarked; the ledger knows the entry all the same."""

from typing import Any

import pytest

from foodshare.models import OutboxEvent
from foodshare.streams.names import GROUP_ACTIVITIES, stream_of
from foodshare.streams.relay import publish
from groups.models import GroupActivity
from reputation.consumer import Consumer
from reputation.models import ReputationEvent
from tests.factories import make_group, make_member, make_user
from tests.streams.tools import tell

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("neighbours", [(), ("bribery",)], ids=["together", "one by one"])
def test_the_ledger_has_the_entry_that_delivered_it(server: Any, neighbours: tuple[str, ...]) -> None:
    user, consumer = make_user(), Consumer(server)
    consumer.work()  # makes the consumer groups
    for kind in ("food_shared", *neighbours):
        tell(user, kind)
    publish(server)
    OutboxEvent.objects.update(stream_id=None)
    assert consumer.work()
    first, _ = server.xrange(stream_of("reputation.events", user.pk))[0]
    assert ReputationEvent.objects.get(user=user).stream_id == first


def test_so_has_the_log_of_a_group(server: Any) -> None:
    consumer = Consumer(server)
    consumer.work()
    make_member(make_group())
    OutboxEvent.objects.create(topic=GROUP_ACTIVITIES, event_type="group_joined")
    publish(server)
    OutboxEvent.objects.update(stream_id=None)
    assert consumer.work()
    assert list(GroupActivity.objects.order_by("pk").values_list("stream_id", flat=True)) == [
        entry for entry, _ in server.xrange(GROUP_ACTIVITIES)]
