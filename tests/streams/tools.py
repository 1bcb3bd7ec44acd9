"""Events, and what carries and applies them, as the tests need them."""

from decimal import Decimal
from typing import Any

from foodshare.models import OutboxEvent, User
from foodshare.services import outbox
from foodshare.streams.names import partition_of
from foodshare.streams.relay import publish
from reputation.consumer import Consumer
from reputation.models import ReputationEvent, UserGlobalReputation
from tests.factories import make_user


def tell(user: User, kind: str = "food_shared", **payload: Any) -> OutboxEvent:
    """Something happened to the person's reputation."""
    return outbox.append(outbox.REPUTATION, kind, user.pk, **payload)


def adjust(user: User, raw: str, **payload: Any) -> OutboxEvent:
    return tell(user, "adjustment", raw=raw, **payload)


def deliver(server: Any, consumer: Consumer | None = None) -> None:
    """Publish and apply until nothing is left to do."""
    consumer = consumer or Consumer(server)
    while publish(server) or consumer.work():
        pass
    while consumer.work():
        pass


def score(user: User) -> Decimal | None:
    return UserGlobalReputation.objects.get(pk=user.pk).overall_score


def kinds(user: User) -> list[str]:
    """The kinds of the person's events, in the order in which they were applied."""
    return list(ReputationEvent.objects.filter(user=user).order_by("processed_at").values_list("event_type", flat=True))


def in_partition(partition: int) -> User:
    """A person whose events go to a partition."""
    while True:
        user = make_user()
        if partition_of(user.pk) == partition:
            return user
