"""Relays, upkeep and consumers come between one another's steps, and each event counts once, in order."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from django.db import connection, connections, transaction

from foodshare.models import OutboxEvent, User
from foodshare.streams.names import dead_letters_of, stream_of
from foodshare.streams.relay import publish
from foodshare.streams.upkeep import republish_lost, trim
from reputation.consumer import Consumer
from reputation.models import EventStreamCheckpoint, ReputationEvent
from tests.factories import make_user
from tests.streams.tools import adjust, deliver, kinds, score, tell
from tests.web.tools import wait_for

pytestmark = pytest.mark.django_db(transaction=True)
T = TypeVar("T")
STEPS = ["delivered", "taken", "applied", "checked", "committed"]


def elsewhere(action: Callable[[], T], pool: ThreadPoolExecutor) -> "Future[T]":
    """Do it in another thread, with connections of its own."""

    def run() -> T:
        try:
            return action()
        finally:
            connections.close_all()

    return pool.submit(run)


def at(step: str, action: Callable[[], object]) -> Callable[[str], object]:
    """Do it at the first such step."""
    left = [action]
    return lambda done: left.pop()() if done == step and left else None


def consumer(server: Any, name: str, step: Callable[[str], object] = str) -> Consumer:
    made = Consumer(server, step=step, claim_idle=3600)
    made.name = name
    return made


@pytest.fixture
def user(server: Any) -> User:
    """A person, and the consumer groups."""
    consumer(server, "first").work()
    return make_user()


@pytest.mark.parametrize("step", STEPS)
def test_upkeep_at_any_step_of_a_slow_consumer(server: Any, user: User, step: str) -> None:
    """What a consumer has in hand is neither cut off nor published again; and if it were, it would count once."""
    tell(user)
    publish(server)
    stream = stream_of("reputation.events", user.pk)
    with ThreadPoolExecutor(1) as pool:

        def upkeep() -> None:
            assert elsewhere(lambda: (trim(server), republish_lost(server).lost, publish(server)), pool).result(20) == (
                0, 0, 0)
            assert server.xlen(stream) == 1

        assert consumer(server, "slow", at(step, upkeep)).work()
    deliver(server)
    assert (kinds(user), str(score(user))) == (["food_shared"], "77.00")
    assert trim(server) == 1


@pytest.mark.parametrize("step", STEPS)
def test_a_stream_lost_and_filled_again_at_any_step_of_a_consumer(server: Any, user: User, step: str) -> None:
    tell(user)
    publish(server)
    with ThreadPoolExecutor(1) as pool:

        def lose() -> None:
            server.flushall()
            elsewhere(lambda: (republish_lost(server), publish(server)), pool).result(20)

        assert consumer(server, "slow", at(step, lose)).work()
    while republish_lost(server).lost:
        pass
    deliver(server)
    deliver(server)
    assert (kinds(user), str(score(user))) == (["food_shared"], "77.00")


@pytest.mark.parametrize("step", STEPS)
def test_another_consumer_gets_the_same_persons_next_event(server: Any, user: User, step: str) -> None:
    """99.99 is the most there is: the other order would end elsewhere."""
    adjust(user, "60")
    publish(server)
    with ThreadPoolExecutor(1) as pool:
        works: list[Future[bool]] = []

        def overtake() -> None:
            elsewhere(lambda: (adjust(user, "-30"), publish(server)), pool).result(20)
            works.append(elsewhere(consumer(server, "quick").work, pool))

        assert consumer(server, "slow", at(step, overtake)).work()
        assert works[0].result(20)
    assert str(score(user)) == "69.99"
    assert ReputationEvent.objects.count() == 2


def test_two_consumers_with_the_same_poison_set_it_aside_once(server: Any, user: User) -> None:
    tell(user, "bribery")
    publish(server)
    with ThreadPoolExecutor(1) as pool:
        works: list[Future[bool]] = []

        def overtake() -> None:
            elsewhere(lambda: (tell(user), publish(server)), pool).result(20)
            works.append(elsewhere(consumer(server, "quick").work, pool))
            wait_for(blocked)

        assert consumer(server, "slow", at("taken", overtake)).work()
        assert works[0].result(20)
    assert OutboxEvent.objects.get().attempts == 1
    assert server.xlen(dead_letters_of("reputation.events")) == 1
    assert kinds(user) == ["food_shared"]


def test_the_checkpoint_never_goes_back(server: Any, user: User) -> None:
    stream = stream_of("reputation.events", user.pk)
    slow, quick = consumer(server, "slow"), consumer(server, "quick")
    for each in (slow, quick):
        tell(user)
        publish(server)
        each.held = each.read()
    assert quick.work()
    newest = EventStreamCheckpoint.objects.get(stream_name=stream).last_processed_id
    assert slow.work()
    assert newest == server.xrevrange(stream, count=1)[0][0]
    assert EventStreamCheckpoint.objects.get(stream_name=stream).last_processed_id == newest


def test_an_event_whose_transaction_commits_after_a_later_one_is_applied_after_it(server: Any, user: User) -> None:
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        early = adjust(user, "1")
        later = elsewhere(lambda: adjust(user, "2"), pool).result(20)
        elsewhere(lambda: deliver(server, consumer(server, "other")), pool).result(20)
        assert (early.pk < later.pk, str(score(user))) == (True, "77.00")
    deliver(server)
    rows = list(ReputationEvent.objects.order_by("processed_at").values_list("previous_score", "new_score"))
    assert [f"{before} {after}" for before, after in rows] == ["75.00 77.00", "77.00 78.00"]


def test_a_consumer_waits_for_what_a_relay_has_in_hand(server: Any, user: User) -> None:
    """A relay holds the row of an entry that it has written, and has not marked yet."""
    tell(user)
    works: list[Future[bool]] = []
    with ThreadPoolExecutor(1) as pool:

        def consume() -> None:
            works.append(elsewhere(consumer(server, "quick").work, pool))
            wait_for(blocked)

        publish(server, step=at("published", consume))
        assert works[0].result(20)
    assert str(score(user)) == "77.00"
    assert ReputationEvent.objects.get().stream_id == server.xrange(stream_of("reputation.events", user.pk))[0][0]


def blocked() -> bool:
    """Whether another session waits for this one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))")
        return bool(cursor.rowcount)
