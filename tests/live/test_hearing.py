"""Who hears what, as messages are written and memberships change."""

from django.db import transaction

from foodshare.models import User
from foodshare.services import accounts, moderation
from groups import live
from groups.models import CommunityGroup, Conversation, Participant, Room
from groups.services import communities
from tests.factories import make_group, make_member, make_moderator, make_neighbor, make_user
from tests.live.tools import Ear, Live, say
from tests.valkeys import OwnValkey


def listening(process: Live, user: User) -> Ear:
    ear = Ear(process.port, user)
    ear.wait("ready")
    return ear


def test_a_member_hears_a_message_of_the_room(process: Live, group: CommunityGroup, room: Room) -> None:
    sender, member = make_member(group), make_member(group)
    ear = listening(process, member)
    assert ear.wait("ready")["data"] == {"rooms": [str(room.pk)], "conversations": []}
    message = say(sender, room, "Soup is ready 🍲\n<b>")
    heard = ear.wait("message")
    assert heard["id"] == str(message.pk)
    assert heard["data"] == {
        "event": "message", "id": str(message.pk), "room": str(room.pk), "conversation": None,
        "sender": str(sender.pk), "type": "TEXT", "content": "Soup is ready 🍲\n<b>",
        "created_at": message.created_at.isoformat().replace("+00:00", "Z"), "edited_at": None, "deleted_at": None}


def test_a_change_is_heard_and_does_not_move_the_last_event_id(process: Live, group: CommunityGroup,
                                                               room: Room) -> None:
    member = make_member(group)
    message = say(member, room, "Sup")
    ear = listening(process, member)
    message.content = "Soup"
    live.announce("message_edited", message)
    heard = ear.wait("message_edited")
    assert (heard["data"]["content"], "id" in heard) == ("Soup", False)


def test_others_hear_nothing(process: Live, group: CommunityGroup, room: Room) -> None:
    """A stranger, who waits for approval, and whose mode is the other; each hears what is theirs afterwards."""
    sender = make_member(group)
    stranger, asking, neighbor = make_user(), make_member(group, make_user(), state="pending"), make_neighbor()
    make_member(group, neighbor)
    ears = [listening(process, person) for person in (stranger, asking, neighbor)]
    say(sender, room, "Not for you")
    for person, ear in zip((stranger, asking, neighbor), ears, strict=True):
        say(sender, conversation(sender, person), "For you")
        live.membership_changed(person.pk)
        ear.wait("places")
        say(sender, Conversation.objects.get(participants__user=person), "Still for you")
        ear.wait("message")
        assert ear.contents() == ["Still for you"]


def conversation(*people: User) -> Conversation:
    talk = Conversation.objects.create()
    Participant.objects.bulk_create(Participant(conversation=talk, user=person) for person in people)
    return talk


def test_a_participant_hears_a_conversation(process: Live) -> None:
    sender, other = make_user(), make_user()
    talk = conversation(sender, other)
    ear = listening(process, other)
    say(sender, talk, "Hello")
    assert ear.wait("message")["data"]["conversation"] == str(talk.pk)


def test_who_leaves_hears_no_further_message(process: Live, group: CommunityGroup, room: Room) -> None:
    sender, member = make_member(group), make_member(group)
    other_room = Room.objects.create(group=make_group(), name="Garden")
    make_member(other_room.group, member)
    ear = listening(process, member)
    say(sender, room, "Before")
    with transaction.atomic():  # told at once after each other, sooner than anything can be looked up
        communities.leave(member, group.pk)
        say(sender, room, "After")
        say(sender, other_room, "Elsewhere")
    ear.wait("message", 2)
    assert ear.contents() == ["Before", "Elsewhere"]
    assert ear.wait("places")["data"]["rooms"] == [str(other_room.pk)]


def test_who_is_removed_hears_no_further_message(process: Live, group: CommunityGroup, room: Room) -> None:
    admin, member = make_member(group, role="admin"), make_member(group)
    ear = listening(process, member)
    communities.remove_member(admin, group.pk, member.pk)
    say(admin, room, "After")
    live.membership_changed(member.pk)
    assert ear.wait("places")["data"] == {"rooms": [], "conversations": []}
    assert ear.contents() == []


def test_who_joins_or_is_approved_hears_from_then_on(process: Live, group: CommunityGroup, room: Room) -> None:
    admin, joining = make_member(group, role="admin"), make_user()
    closed = communities.create_group(admin, name="Closed", group_type="community", verification_required=True)
    ear = listening(process, joining)
    communities.join(joining, group.pk)
    ear.wait("places")
    say(admin, room, "Welcome")
    communities.join(joining, closed.pk)
    communities.approve_member(admin, closed.pk, joining.pk)
    ear.wait("places", 2)
    say(admin, closed.rooms.get(), "Welcome here too")
    ear.wait("message", 2)
    assert ear.contents() == ["Welcome", "Welcome here too"]


def test_members_hear_a_new_room(process: Live, group: CommunityGroup, room: Room) -> None:
    member = make_member(group)
    ear = listening(process, member)
    new = Room.objects.create(group=group, name="Attic")
    live.rooms_changed(group.pk)
    ear.wait("places")
    say(member, new, "Dusty")
    assert ear.wait("message")["data"]["content"] == "Dusty"


def test_who_switches_to_neighborhood_mode_is_shown_out(process: Live, group: CommunityGroup, room: Room) -> None:
    member = make_member(group)
    ear = listening(process, member)
    accounts.switch_mode(member, "neighborhood")
    say(make_member(group), room, "After")
    ear.join(30)
    assert (ear.is_alive(), ear.contents()) == (False, [])
    assert Ear(process.port, member).status == 403


def test_who_is_suspended_is_shown_out(process: Live, group: CommunityGroup, room: Room) -> None:
    member = make_member(group)
    ear = listening(process, member)
    moderation.suspend(member, make_moderator())
    say(make_member(group), room, "After")
    ear.join(30)
    assert (ear.is_alive(), ear.contents()) == (False, [])
    assert Ear(process.port, member).status == 403


def test_who_listens_is_present(process: Live, own_valkey: OwnValkey) -> None:
    person = make_user()
    listening(process, person)
    with own_valkey.client() as client:
        assert client.zscore("presence:online", str(person.pk))


def test_of_too_many_streams_the_oldest_ends(process: Live) -> None:
    person = make_user()
    ears = [listening(process, person) for _ in range(11)]
    ears[0].join(30)
    assert [ear.is_alive() for ear in ears] == [False] + [True] * 10
