"""A request that announces a message does not wait for a Valkey that does not answer, and never fails by it."""

import socket

from django.db import transaction
from pytest_django import Settings

from groups import live
from groups.models import CommunityGroup, Message, Room
from tests.factories import make_member
from tests.live.tools import Ear, Live, say
from tests.valkeys import OwnValkey
from tests.web.tools import wait_for


def test_a_hanging_valkey_is_left_alone_until_it_answers(settings: Settings, room: Room) -> None:
    sender = make_member(room.group)
    with socket.create_server(("127.0.0.1", 0), backlog=256) as server:
        settings.REDIS_URL = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        for number in range(200):
            say(sender, room, str(number))
        server.settimeout(0)
        attempts = 0
        try:
            while server.accept():
                attempts += 1
        except BlockingIOError:
            pass
    assert 1 <= attempts < 20
    assert Message.objects.filter(room=room).count() == 200


def test_a_valkey_that_is_gone_is_told_to_once_it_is_back(own_valkey: OwnValkey, process: Live,
                                                          group: CommunityGroup) -> None:
    """Those who listen are told since when they may have missed something."""
    with own_valkey.client() as client, client.pubsub() as ears:
        ears.subscribe(live.EVERYBODY)
        wait_for(lambda: ears.get_message(timeout=1))
        live.line(own_valkey.url).cut(since=1.5)
        told = wait_for(lambda: ears.get_message(ignore_subscribe_messages=True, timeout=1))
    assert told["data"] == '{"missed_since":1.5}'


def test_what_is_rolled_back_is_not_announced(process: Live, group: CommunityGroup, room: Room) -> None:
    member = make_member(group)
    ear = Ear(process.port, member)
    ear.wait("ready")
    with transaction.atomic():
        say(member, room, "Never written")
        transaction.set_rollback(True)
    say(member, room, "Written")
    ear.wait("message")
    assert ear.contents() == ["Written"]
