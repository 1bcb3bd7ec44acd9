"""What the ledger folds to is what is kept of it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import orjson
import pytest

from reputation import rules
from reputation.ledger import BadEvent
from reputation.models import ReputationEvent, ReputationState, UserGlobalReputation
from reputation.replay import Standing, Sync, state_of, write
from reputation.scoring import Event
from reputation.state import State, load
from tests.factories import make_group, make_user
from tests.reputation.ledgers import apply_events

pytestmark = pytest.mark.django_db
JOINED = datetime(2026, 1, 1, tzinfo=UTC)


def event(kind: str, day: float, **fields: object) -> Event:
    """An event so many days after the person came."""
    return Event(uuid4(), kind, JOINED + timedelta(days=day), **fields)  # type: ignore[arg-type]


def history(group: str | None = None) -> list[Event]:
    """Something of every kind of fact that the ledger keeps in its description."""
    shared = event("food_shared", 1, group=group)
    decay = event(rules.DECAY_EVENT, 40, days=30, since=JOINED + timedelta(days=5))
    return [
        event(rules.OPENING, 0, carried={"score": "82.50", "exchanges": 19, "food": [4, 18], "partners": ["a", "b"]}),
        shared, event("exchange_completed", 2, partner=str(uuid4()), role="recipient", group=group),
        event("highly_rated_food", 3, partner=str(uuid4()), stars=5, of="food"),
        event(rules.ADJUSTMENT, 4, raw=Decimal("-1.25"), note="a mistake"), event("community_help", 5), decay,
        event(rules.REVERSAL, 41, reverses=shared.id),
    ]


def test_a_missing_memo_is_folded_from_the_ledger() -> None:
    ada, bea = make_user(created_at=JOINED), make_user(created_at=JOINED)
    expected = apply_events(ada, history(str(make_group().pk)))
    assert expected.score != rules.START
    assert state_of([ada.pk, bea.pk]) == {ada.pk: expected, bea.pk: State(JOINED)}


def test_events_are_folded_in_the_order_in_which_they_were_applied() -> None:
    ada = make_user(created_at=JOINED)
    expected = apply_events(ada, [event("food_shared", 3), event("community_help", 1)])
    assert len(expected.closings) == 1
    assert state_of([ada.pk]) == {ada.pk: expected}


def test_the_row_and_the_memo_are_made_of_the_state() -> None:
    ada = make_user(created_at=JOINED)
    UserGlobalReputation.objects.filter(pk=ada.pk).delete()
    events = history()
    state = apply_events(ada, events)
    memo = ReputationState.objects.get(pk=ada.pk)
    row = UserGlobalReputation.objects.get(pk=ada.pk)
    assert load(memo.state) == state
    assert memo.decay_due_at == state.decay_due_at()
    assert {name: getattr(row, name) for name in state.columns()} == state.columns()
    assert (row.last_stream_event_id, row.reputation_sync_status) == (str(events[-1].id), "synced")


def test_a_delivery_tells_its_lag_and_a_repair_leaves_it() -> None:
    ada = make_user(created_at=JOINED)
    standing = Standing(State(JOINED), UUID(int=1), JOINED)
    write({ada.pk: standing}, delivered={ada.pk: Sync(7, "processing")})
    write({ada.pk: standing})
    row = UserGlobalReputation.objects.get(pk=ada.pk)
    assert (row.stream_lag_seconds, row.reputation_sync_status) == (7, "processing")


@pytest.mark.parametrize(("kind", "description"), [
    ("seeded_history", None), ("food_shared", "no JSON"), (rules.DECAY_EVENT, '{"days": 31}'),
    (rules.OPENING, '{"carried": {"score": "much"}}'), (rules.OPENING, '{"carried": [1]}'),
    (rules.REVERSAL, '{"reverses": 5}'), ("poor_food_rating", '{"stars": "two"}')])
def test_an_event_that_cannot_be_applied_is_named(kind: str, description: str | None) -> None:
    ada = make_user(created_at=JOINED)
    row = ReputationEvent.objects.create(user=ada, event_type=kind, impact_score=0, previous_score=75, new_score=75,
                                         description=description)
    with pytest.raises(BadEvent, match=f"event {row.pk}: {kind}"):
        state_of([ada.pk])


def test_a_description_is_json_that_other_programs_can_read() -> None:
    ada = make_user(created_at=JOINED)
    apply_events(ada, history())
    descriptions = [orjson.loads(row.description or "") for row in ReputationEvent.objects.filter(user=ada)]
    assert all({"raw", "why"} <= set(facts) for facts in descriptions)
