"""Writes to what people are to each other: requests of friendship, follows and blocks.

Each write holds a lock on its pair of people, in whichever direction it goes. So two requests that cross become a
friendship, and no request slips past a block. One lock a transaction: nothing here can deadlock.
"""

from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from foodshare.cache import writers
from foodshare.exceptions import Conflict, Forbidden, Invalid, Missing
from foodshare.models import Relationship, RelationshipStatus, RelationshipType, User
from foodshare.models.social import RelationshipQuerySet

PAIR_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


def relate(user: User, other_id: UUID, type: str) -> tuple[Relationship, bool]:
    """Ask for friendship, follow or block; the relationship, and whether it is new. Again: harmless.

    A request that meets the other's own makes the two friends. A block ends whatever else is between them.
    Raises Invalid for oneself and for nobody, and Forbidden where a block stands, without telling whose.
    """
    if other_id == user.pk:
        raise Invalid("That is you.", attr="to")
    if not User.objects.filter(pk=other_id, is_active=True).exists():
        raise Invalid("There is no such person.", attr="to")
    with transaction.atomic():
        lock(user.pk, other_id)
        if type == RelationshipType.BLOCK:
            between(user.pk, other_id).exclude(type=RelationshipType.BLOCK).delete()
            writers.note_on_commit(other_id)  # who is blocked sees the person no more, from now on
        elif between(user.pk, other_id).filter(type=RelationshipType.BLOCK).exists():
            raise Forbidden("You cannot do this with this person.")
        if type == RelationshipType.FRIEND:
            return befriend(user.pk, other_id)
        return put(user.pk, other_id, type, RelationshipStatus.ACCEPTED)


def befriend(user_id: UUID, other_id: UUID) -> tuple[Relationship, bool]:
    """Ask for friendship, or accept the other's request. For who holds the pair's lock."""
    asked = Relationship.objects.filter(from_user=other_id, to_user=user_id, type=RelationshipType.FRIEND)
    is_friend = asked.update(status=RelationshipStatus.ACCEPTED)
    status = RelationshipStatus.ACCEPTED if is_friend else RelationshipStatus.PENDING
    return put(user_id, other_id, RelationshipType.FRIEND, status)


def put(user_id: UUID, other_id: UUID, type: str, status: str) -> tuple[Relationship, bool]:
    return Relationship.objects.get_or_create(from_user_id=user_id, to_user_id=other_id, type=type,
                                              defaults={"status": status})


@transaction.atomic
def accept(user: User, request_id: UUID) -> Relationship:
    """Accept a request of friendship; again: harmless. Raises Missing when no such request was sent to the person."""
    request = held(request_id, type=RelationshipType.FRIEND, to_user=user)
    if request.status == RelationshipStatus.PENDING:
        befriend(user.pk, request.from_user_id)
        request.status = RelationshipStatus.ACCEPTED
    return request


@transaction.atomic
def decline(user: User, request_id: UUID) -> None:
    """Turn down a request of friendship, which may be sent again. Raises Missing, or Conflict once it is accepted."""
    request = held(request_id, type=RelationshipType.FRIEND, to_user=user)
    if request.status == RelationshipStatus.ACCEPTED:
        raise Conflict("You are friends already; end the friendship instead.")
    request.delete()


@transaction.atomic
def end(user: User, relationship_id: UUID) -> None:
    """Take back what the person set: a request, a follow, a block, or a friendship in both directions.

    Raises Missing when the person set no such relationship.
    """
    own = held(relationship_id, from_user=user)
    if own.type == RelationshipType.FRIEND:
        between(user.pk, own.to_user_id).filter(type=RelationshipType.FRIEND).delete()
    else:
        own.delete()


def held(relationship_id: UUID, **conditions: object) -> Relationship:
    """The relationship of these conditions as it is once its pair is locked. Raises Missing."""
    found = Relationship.objects.filter(pk=relationship_id, **conditions)
    pair = found.values_list("from_user", "to_user").first()
    if pair is not None:
        lock(*pair)
        for relationship in found:
            return relationship
    raise Missing


def lock(one: UUID, other: UUID) -> None:
    """Hold up other writes between the two until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(PAIR_LOCK, [" ".join(sorted((str(one), str(other))))])


def between(one: UUID, other: UUID) -> RelationshipQuerySet:
    """What the two are to each other, in both directions."""
    return Relationship.objects.filter(Q(from_user=one, to_user=other) | Q(from_user=other, to_user=one))
