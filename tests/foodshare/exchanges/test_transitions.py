"""The table of transitions, the services and the database's trigger agree, step by step."""

from collections.abc import Callable

import pytest
from django.db import InternalError, transaction
from django.db.utils import DatabaseError

from foodshare.exceptions import Conflict
from foodshare.models import Exchange, ExchangeStatus
from foodshare.models.exchanges import TRANSITIONS
from foodshare.services import exchanges
from tests import factories as make

pytestmark = pytest.mark.django_db
STATUSES = list(ExchangeStatus.values)
# How to get from pending to each status, one allowed step after the other.
PATHS = {
    "pending": [], "confirmed": ["confirmed"], "completed": ["confirmed", "completed"], "cancelled": ["cancelled"],
    "disputed": ["confirmed", "disputed"],
}
# What a party does to reach a status. Doing so again is harmless for two of them.
PARTY_ACTIONS: dict[str, Callable[[Exchange], Exchange]] = {
    "confirmed": lambda exchange: exchanges.confirm(exchange, exchange.food.author),
    "completed": lambda exchange: exchanges.complete(exchange, exchange.recipient),
    "cancelled": lambda exchange: exchanges.cancel(exchange, exchange.recipient, "why"),
    "disputed": lambda exchange: exchanges.dispute(exchange, exchange.recipient, "why"),
}
HARMLESS_AGAIN = {"confirmed", "completed"}
POST_STATUS = {"pending": "claimed", "confirmed": "claimed", "completed": "completed", "cancelled": "available"}


def exchange_in(status: str) -> Exchange:
    exchange = make.make_exchange()
    for step in PATHS[status]:
        PARTY_ACTIONS[step](exchange)
    exchange.refresh_from_db()
    assert exchange.status == status
    return exchange


@pytest.mark.parametrize("end", STATUSES)
@pytest.mark.parametrize("start", STATUSES)
def test_the_database_allows_what_the_table_allows(start: str, end: str) -> None:
    exchange = exchange_in(start)
    change = Exchange.objects.filter(pk=exchange.pk)
    if start == end or end in TRANSITIONS[start]:
        assert change.update(status=end) == 1
    else:
        with pytest.raises((InternalError, DatabaseError), match="Invalid transition"), transaction.atomic():
            change.update(status=end)


@pytest.mark.parametrize("end", sorted(PARTY_ACTIONS))
@pytest.mark.parametrize("start", STATUSES)
def test_the_services_let_the_parties_do_what_the_table_allows(start: str, end: str) -> None:
    exchange = exchange_in(start)
    allowed = start != "disputed" and end in TRANSITIONS[start]
    if allowed or (start == end and end in HARMLESS_AGAIN):
        changed = PARTY_ACTIONS[end](exchange)
        assert changed.status == end
        assert changed.food.status == POST_STATUS.get(end, changed.food.status)
    else:
        with pytest.raises(Conflict, match=start):
            PARTY_ACTIONS[end](exchange)
    exchange.refresh_from_db()
    assert exchange.status == (end if allowed else start)


@pytest.mark.parametrize("outcome", ["confirmed", "completed", "cancelled"])
@pytest.mark.parametrize("start", STATUSES)
def test_a_moderator_resolves_disputes_and_nothing_else(start: str, outcome: str) -> None:
    exchange, moderator = exchange_in(start), make.make_moderator()
    if start == "disputed":
        resolved = exchanges.resolve(exchange, moderator, outcome, "Talked to both")
        assert (resolved.status, resolved.food.status) == (outcome, POST_STATUS[outcome])
    else:
        with pytest.raises(Conflict, match=start):
            exchanges.resolve(exchange, moderator, outcome, "Talked to both")


def test_every_outcome_of_a_dispute_is_tried() -> None:
    assert set(TRANSITIONS["disputed"]) == {"confirmed", "completed", "cancelled"} == set(exchanges.OUTCOMES)
    assert set(TRANSITIONS) == set(STATUSES) == set(PATHS)
