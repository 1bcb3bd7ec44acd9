"""Who was cut off misses nothing: they come back with the last id they were given."""

import os
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import LiteralString

import pytest
from pytest_django import Settings

from foodshare.db.keys import new_key
from foodshare.models import User
from groups.live import new_ticket
from groups.models import CommunityGroup, Message, Room
from ops.live.hub import MOST_WAITING
from ops.live.store import MOST_MESSAGES
from tests.factories import make_group, make_member
from tests.live.tools import Ear, Follower, Live, living, say
from tests.valkeys import OwnValkey
from tests.web.tools import Cluster, backends, terminate, wait_for


def write(room: Room, number: int) -> None:
    """Messages of a member, which are announced to nobody."""
    sender = make_member(room.group)
    Message.objects.bulk_create(Message(room=room, sender=sender, content=str(n)) for n in range(number))


def test_a_stream_goes_on_after_its_last_event_id(process: Live, group: CommunityGroup, room: Room) -> None:
    member = make_member(group)
    first = Ear(process.port, member)
    first.wait("ready")
    say(member, room, "Heard")
    first.wait("message")
    first.hang_up()
    say(member, room, "Missed")
    again = [Ear(process.port, member, first.last_event_id),
             Ear(process.port, member, headers={"Last-Event-ID": first.last_event_id})]
    for ear in again:
        ear.wait("ready")
        assert ear.contents()[-1:] == ["Missed"]


def test_what_was_written_earlier_but_committed_later_comes_too(process: Live, group: CommunityGroup,
                                                                room: Room) -> None:
    member = make_member(group)
    Message.objects.create(id=new_key(datetime.now(UTC) - timedelta(seconds=3)), sender=member, room=room,
                           content="Slow to commit")
    ear = Ear(process.port, member, str(new_key()))
    ear.wait("ready")
    assert ear.contents() == ["Slow to commit"]


def test_only_what_is_ones_own_is_caught_up_with(process: Live, group: CommunityGroup, room: Room) -> None:
    last = str(new_key())
    write(room, 3)
    other = Room.objects.create(group=make_group(), name="Garden")
    write(other, 1)
    ear = Ear(process.port, make_member(other.group), last)
    ear.wait("ready")
    assert [each["data"]["room"] for each in ear.heard()] == [str(other.pk)]


@pytest.mark.parametrize(("number", "gaps"), [(MOST_MESSAGES, 0), (MOST_MESSAGES + 1, 1)])
def test_who_missed_too_much_is_told_to_read_the_history(process: Live, group: CommunityGroup, room: Room,
                                                         number: int, gaps: int) -> None:
    last = str(new_key())
    write(room, number)
    ear = Ear(process.port, make_member(group), last)
    ear.wait("ready")
    assert (len(ear.heard("gap")), len(ear.contents())) == (gaps, 0 if gaps else number)


def test_who_was_away_too_long_is_told_to_read_the_history(process: Live, group: CommunityGroup) -> None:
    ear = Ear(process.port, make_member(group), str(new_key(datetime.now(UTC) - timedelta(days=2))))
    ear.wait("ready")
    assert len(ear.heard("gap")) == 1


@pytest.mark.slow
def test_who_does_not_read_is_sent_away_and_misses_nothing(process: Live, group: CommunityGroup, room: Room) -> None:
    """The process keeps no more for them than what fits its queue and the sockets."""
    member = make_member(group)
    ear = Ear(process.port, member, reads=False)
    text = "x" * 60_000
    sent = [say(member, room, text).pk for _ in range(4 * MOST_WAITING)]
    ear.start()
    ear.join(60)
    heard = [each["id"] for each in ear.heard()]
    assert not ear.is_alive()
    assert 0 < len(heard) < len(sent)
    assert heard == [str(key) for key in sent[:len(heard)]]
    again = Ear(process.port, member, ear.last_event_id)
    again.wait("ready")
    assert {str(key) for key in sent} <= {*heard, *(each["id"] for each in again.heard())}


@pytest.mark.slow
def test_a_killed_process_is_resumed_from(own_valkey: OwnValkey, group: CommunityGroup, room: Room,
                                          tmp_path: Path) -> None:
    member = make_member(group)
    with living(tmp_path / "log", own_valkey.url) as first:
        follower = Follower(first.port, member)
        say(member, room, "1")
        wait_for(lambda: follower.contents() == ["1"])
        os.kill(first.process.pid, signal.SIGKILL)
        first.process.wait()
        say(member, room, "2")
    with living(tmp_path / "again", own_valkey.url, first.port):
        say(member, room, "3")
        wait_for(lambda: follower.contents() == ["1", "2", "3"])
        follower.stop()


@pytest.mark.slow
def test_a_killed_valkey_is_survived(process: Live, own_valkey: OwnValkey, group: CommunityGroup, room: Room) -> None:
    member = make_member(group)
    follower = Follower(process.port, member)
    say(member, room, "1")
    wait_for(lambda: follower.contents() == ["1"])
    streams = follower.streams
    own_valkey.kill()
    try:
        say(member, room, "2")
    finally:
        own_valkey.start()
    say(member, room, "3")  # perhaps before it is noticed here that Valkey is back
    wait_for(lambda: follower.contents() == ["1", "2", "3"])
    say(member, room, "4")
    wait_for(lambda: follower.contents() == ["1", "2", "3", "4"])
    assert follower.streams > streams
    follower.stop()


def test_what_could_not_be_announced_is_made_good(process: Live, own_valkey: OwnValkey, group: CommunityGroup,
                                                  room: Room, settings: Settings) -> None:
    """Valkey hangs too briefly for a stream to break; the writer has no connection yet, and can say nothing."""
    member = make_member(group)
    follower = Follower(process.port, member)
    settings.REDIS_URL = own_valkey.url.replace("127.0.0.1", "localhost")
    with own_valkey.paused():
        say(member, room, "1")
    wait_for(lambda: follower.contents() == ["1"])
    follower.stop()


def test_lost_database_connections_are_replaced(process: Live, group: CommunityGroup, room: Room) -> None:
    member = make_member(group)
    ear = Ear(process.port, member)
    ear.wait("ready")
    terminate(backends("foodshare live"))
    again = Ear(process.port, member, ear.last_event_id)
    assert again.wait("ready")["data"]["rooms"] == [str(room.pk)]


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)])
def test_a_signal_ends_every_stream(own_valkey: OwnValkey, group: CommunityGroup, tmp_path: Path,
                                    number: signal.Signals) -> None:
    with living(tmp_path / "log", own_valkey.url) as process:
        ear = Ear(process.port, make_member(group))
        ear.wait("ready")
        process.process.send_signal(number)
        assert process.process.wait(30) == 0
        ear.join(30)
        assert ear.events[-1]["event"] == "resume"
    assert process.log.read_text().splitlines()[-1] == "Stopped."


TABLES: LiteralString = """
    CREATE TABLE messages ();
    CREATE TABLE users (id uuid, is_active boolean, sharing_mode text, verification_level text);
    CREATE TABLE community_groups (id uuid, group_type text);
    CREATE TABLE group_memberships (group_id uuid, user_id uuid, state text);
    CREATE TABLE rooms (id uuid, group_id uuid);
    CREATE TABLE conversation_participants (conversation_id uuid, user_id uuid);
    GRANT SELECT ON ALL TABLES IN SCHEMA public TO foodshare_app
"""


@pytest.mark.slow
def test_without_a_database_streams_are_refused_until_it_is_back(own_valkey: OwnValkey, cluster: Cluster,
                                                                 tmp_path: Path) -> None:
    cluster.as_superuser(TABLES)
    with living(tmp_path / "log", own_valkey.url, None, **cluster.urls) as process:
        cluster.kill("primary")
        person = User(name="Nobody there knows")
        try:
            status, body, headers = process.ask(f"/events?ticket={new_ticket(person)}")
        finally:
            cluster.restart()
        assert (status, body["errors"][0]["code"], headers["retry-after"]) == (503, "unavailable", "2")
        wait_for(lambda: process.ask(f"/events?ticket={new_ticket(person)}")[0] == 403)
