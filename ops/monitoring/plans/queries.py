"""The critical queries: what people wait for, as the code itself asks it. No SQL is written here twice."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from django.db import connections, transaction

from foodshare.api.authentication import TokenAuthentication
from foodshare.db.fields import naive
from foodshare.db.operations import sql
from foodshare.exceptions import FoodShareError
from foodshare.models import Exchange, FoodPost, User
from foodshare.services import exchanges, posts
from groups.cached import global_feed
from groups.models import Participant, Room
from ops.benchmarks.performance import BENCHMARKS
from ops.benchmarks.sample import Sample
from ops.live.store import BACKLOG, MOST_MESSAGES, OLDEST, PLACES

Calls = list[Callable[[], object]]
MOST_CALLS = 8  # of one read, for different people and places


def critical(sample: Sample) -> Iterator[tuple[str, Calls]]:
    """Every critical read and write by its name, done for people of the sample."""
    for benchmark in BENCHMARKS:
        for read in benchmark.reads(sample):
            yield read.name, list(read.calls[:MOST_CALLS])
    readers = sample.few
    yield "token look-up", [look_up_token]
    yield "global feed", [global_feed]
    yield "claim a post", [partial(claim, user) for user in readers]
    yield "confirm an exchange", [confirm]
    yield "expire posts", [partial(undone, posts.expire_posts)]
    yield "live: the places of a person", [partial(run, PLACES, person=user.pk) for user in readers]
    yield "live: what was missed", [partial(missed, user) for user in readers]
    yield "outbox: what is due", [partial(run, sql("foodshare", "queries/outbox_unpublished"), most=100)]


def look_up_token() -> None:
    TokenAuthentication().look_up(uuid4().hex)


def claim(recipient: User) -> None:
    """Claim something that the person sees, and take it back."""
    post = FoodPost.objects.visible_to(recipient).open_now().exclude(author=recipient).order_by("pk").first()
    if post:
        undone(partial(exchanges.claim, post, recipient))


def confirm() -> None:
    exchange = Exchange.objects.filter(status="pending").order_by("pk").select_related("food__author").first()
    if exchange:
        undone(partial(exchanges.confirm, exchange, exchange.food.author))


def undone(work: Callable[[], object]) -> None:
    """Do it, if it may be done, and take it back."""
    with transaction.atomic():
        with suppress(FoodShareError), transaction.atomic():
            work()
        transaction.set_rollback(True)


def missed(person: User) -> None:
    """What was written lately where the person is."""
    rooms = [room.pk for room in Room.objects.filter(group__memberships__user=person)]
    talks = list(Participant.objects.filter(user=person).values_list("conversation_id", flat=True))
    now = datetime.now(UTC)
    run(BACKLOG, rooms=rooms, conversations=talks, limit=MOST_MESSAGES + 1, since=naive(now - timedelta(minutes=1)),
        until=naive(now + OLDEST))


def run(statement: str, **values: Any) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(statement, values)
