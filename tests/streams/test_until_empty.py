"""Told to end when nothing is left, relays and consumers leave nothing."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections, transaction

from foodshare.models import OutboxEvent
from foodshare.streams.loop import Stop, until_stopped
from foodshare.streams.relay import Relay, all_published, publish
from reputation.consumer import Consumer
from tests.factories import make_user
from tests.streams.tools import score, tell
from tests.valkeys import OwnValkey
from tests.web.tools import manage

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_consumer_reads_streams_that_had_no_group_yet(server: Any) -> None:
    user = make_user()
    tell(user)
    publish(server)
    until_stopped(Consumer(server).work, Stop(), lambda: True)
    assert score(user) == 77


@pytest.mark.slow
def test_the_commands_empty_outbox_and_streams(server: Any, own_streams: OwnValkey) -> None:
    user = make_user()
    tell(user)
    for command in ("relay_outbox", "consume_reputation_events"):
        ended = manage(command, "--until-empty", STREAM_URL=own_streams.url)
        assert ended.returncode == 0, ended.stderr
    assert score(user) == 77
    assert not OutboxEvent.objects.exists()


@pytest.fixture
def held_by_another(server: Any) -> Iterator[OutboxEvent]:
    """A row that another relay holds while the test runs; it then dies without having published it."""
    row = tell(make_user())
    with transaction.atomic():
        OutboxEvent.objects.select_for_update().get(pk=row.pk)
        yield row


def test_a_relay_waits_for_what_another_one_holds(server: Any, held_by_another: OutboxEvent) -> None:
    """As it does for what does not fit into the streams."""
    def elsewhere() -> tuple[bool, bool]:
        try:
            return Relay(server).work(), all_published()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(elsewhere).result() == (False, False)
