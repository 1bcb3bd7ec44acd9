"""People, places, groups and food for tests; each function writes rows and returns the model's instance."""

from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from typing import Any

from django.contrib.auth.hashers import make_password
from knox.models import AuthToken
from rest_framework.test import APIClient

from foodshare.db.keys import new_key
from foodshare.models import (
    Building,
    Exchange,
    FoodPost,
    Neighborhood,
    Rating,
    SharingMode,
    User,
    VerificationLevel,
    VerificationRequest,
)
from groups.models import (
    CommunityGroup,
    Conversation,
    GroupType,
    Membership,
    MemberState,
    Message,
    Participant,
    Room,
)
from reputation.services import open_reputation

PASSWORD = "correct horse battery 1"

numbers = count(1)


@cache
def hashed(password: str) -> str:
    """The hash of `password`, worked out once: it is slow by design."""
    return make_password(password)


def later(**delta: float) -> datetime:
    """The time `delta` from now, in UTC; negative for the past."""
    return datetime.now(UTC) + timedelta(**delta)


def make_neighborhood(**fields: Any) -> Neighborhood:
    return Neighborhood.objects.create(**{"name": f"Quarter {next(numbers)}", "city": "Utrecht"} | fields)


def make_building(verified: bool = True, **fields: Any) -> Building:
    """A building, in a neighborhood of its own unless one is given."""
    fields.setdefault("neighborhood", None)
    fields["neighborhood"] = fields["neighborhood"] or make_neighborhood()
    fields.setdefault("verified_at", later() if verified else None)
    return Building.objects.create(**{"address": f"Brook Street {next(numbers)}"} | fields)


def make_user(mode: str = SharingMode.COMMUNITY, *, password: str = PASSWORD, **fields: Any) -> User:
    """A registered person: in community mode, or (mode="neighborhood") a neighbor not yet verified."""
    number = next(numbers)
    level = VerificationLevel.LIGHT if mode == SharingMode.COMMUNITY else VerificationLevel.PENDING
    defaults = {"name": f"Person {number}", "email": f"person{number}@example.org", "password": hashed(password),
                "verification_level": level}
    user = User.objects.create(sharing_mode=mode, **defaults | fields)
    open_reputation(user)
    return user


def make_neighbor(building: Building | None = None, **fields: Any) -> User:
    """A verified neighbor, in a verified building of their own unless one is given."""
    return make_user(SharingMode.NEIGHBORHOOD, building=building or make_building(),
                     **{"apartment": "2B", "verification_level": VerificationLevel.FULL} | fields)


def make_moderator(**fields: Any) -> User:
    """A superuser: may do everything in the admin."""
    return make_user(**{"is_staff": True, "is_superuser": True} | fields)


def make_group(group_type: str = GroupType.COMMUNITY, **fields: Any) -> CommunityGroup:
    """A group with no member; `make_member` adds them."""
    return CommunityGroup.objects.create(group_type=group_type, **{"name": f"Group {next(numbers)}"} | fields)


def make_member(group: CommunityGroup, user: User | None = None, **fields: Any) -> User:
    """A member of `group` (active unless `state` says otherwise): `user`, or a new person of the group's mode."""
    if user is None:
        user = make_user() if group.group_type == GroupType.COMMUNITY else make_neighbor()
    membership = Membership.objects.create(group=group, user=user, **fields)
    if membership.state == MemberState.ACTIVE:
        group.member_count += 1
        group.save(update_fields=["member_count"])
    return user


def make_post(author: User | None = None, group: CommunityGroup | None = None, **fields: Any) -> FoodPost:
    """An available post in the author's mode: in `group`, or, by a neighbor, in the author's building.

    With neither given, a new member posts in a new community group.
    """
    if author is None:
        group = group or make_group()
        author = make_member(group)
    if author.sharing_mode == SharingMode.NEIGHBORHOOD and author.building is not None:
        fields = {"building": author.building, "neighborhood": author.building.neighborhood} | fields
    defaults = {"title": f"Bread {next(numbers)}", "pickup_time": later(hours=4), "sharing_mode": author.sharing_mode}
    return FoodPost.objects.create(author=author, group=group, **defaults | fields)


def make_exchange(post: FoodPost | None = None, recipient: User | None = None, **fields: Any) -> Exchange:
    """A pending exchange of `post`, whose status becomes 'claimed'; the recipient is a new person by default."""
    post = post or make_post()
    FoodPost.objects.filter(pk=post.pk).update(status="claimed")
    post.status = "claimed"
    recipient = recipient or (make_member(post.group) if post.group else make_neighbor(post.building))
    return Exchange.objects.create(food=post, recipient=recipient, **{"recipient_confirmed_at": later()} | fields)


def make_verification_request(user: User | None = None, **fields: Any) -> VerificationRequest:
    """An open request by a neighbor not yet verified, with its building already found unless one is given."""
    user = user or make_user(SharingMode.NEIGHBORHOOD)
    fields.setdefault("building", make_building())
    address = fields["building"].address if fields["building"] else "Nowhere Lane 1"
    return VerificationRequest.objects.create(
        user=user, **{"address": address, "apartment": "2B", "phone": "+31 20 123 4567"} | fields)


def token_for(user: User) -> str:
    """A new API token of `user`."""
    _, token = AuthToken.objects.create(user)
    return str(token)


def client_for(user: User | None = None) -> APIClient:
    """A client of the API with a token of `user`, or nobody's. A server error is an answer, not an exception."""
    client = APIClient(raise_request_exception=False)
    if user is not None:
        client.credentials(HTTP_AUTHORIZATION=f"Token {token_for(user)}")
    return client


def make_room(group: CommunityGroup | None = None, **fields: Any) -> Room:
    """A room of `group`, or of a new community group."""
    return Room.objects.create(group=group or make_group(), **{"name": f"Room {next(numbers)}"} | fields)


def make_conversation(*people: User, **fields: Any) -> Conversation:
    """A conversation of these people, not kept as the one of a pair unless `pair` is given."""
    conversation = Conversation.objects.create(**fields)
    Participant.objects.bulk_create(Participant(conversation=conversation, user=person) for person in people)
    return conversation


def make_message(place: Room | Conversation, sender: User, at: datetime | None = None, **fields: Any) -> Message:
    """A message of the time `at` (default: now)."""
    message = Message.objects.create(id=new_key(at), sender=sender, **{
        type(place).__name__.lower(): place, "content": f"Message {next(numbers)}"} | fields)
    told_last(place, message.created_at)
    return message


def told_last(place: Room | Conversation, at: datetime) -> None:
    """Have the place know that something was written in it."""
    place.last_message_at = max(at, place.last_message_at or at)
    place.save(update_fields=["last_message_at"])


def make_rating(exchange: Exchange, rater: User | None = None, stars: int = 5, **fields: Any) -> Rating:
    """A revealed rating by the recipient, or by `rater`."""
    return Rating.objects.create(exchange=exchange, rater=rater or exchange.recipient, stars=stars,
                                 **{"revealed_at": later()} | fields)
