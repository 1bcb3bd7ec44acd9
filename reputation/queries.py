"""Reads of reputation."""

from contextlib import suppress
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connections
from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Sum

from foodshare.db.operations import sql
from foodshare.db.router import reading_alias
from foodshare.exceptions import Conflict
from foodshare.models import Rating
from foodshare.ratings import TALLY, shown_average
from reputation import replay
from reputation.ledger import BadEvent
from reputation.models import ReputationEvent, ReputationState, UserGlobalReputation
from reputation.state import BadMemo, State, load


def fetched(query: str, **values: Any) -> list[tuple[Any, ...]]:
    """The rows of a named query of this app."""
    with connections[reading_alias()].cursor() as cursor:
        cursor.execute(sql("reputation", f"queries/{query}"), values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def reputations() -> QuerySet[Any]:
    """People's rows, each with the person, what the person shows of it, and the state that it comes from, as `memo`."""
    memo = ReputationState.objects.filter(user=OuterRef("pk")).values("state")
    return UserGlobalReputation.objects.select_related("user__reputation_privacy").annotate(memo=Subquery(memo))


def state_of(row: Any) -> State:
    """The state behind one of `reputations()`: the memo, or what the ledger folds to where none can be read.

    Raises Conflict when the ledger holds what the rules cannot replay.
    """
    with suppress(BadMemo):
        return load(row.memo)
    try:
        return replay.state_of([row.pk])[row.pk]
    except BadEvent as error:
        raise Conflict("Your ledger holds an event that the rules of today cannot explain.") from error


def ledger(user_id: UUID) -> QuerySet[ReputationEvent]:
    """A person's events with their groups, for the order of idx_reputation_events_user_recent."""
    events = ReputationEvent.objects.filter(user=user_id, created_at__isnull=False)
    return events.select_related("group").only(
        "event_type", "impact_score", "previous_score", "new_score", "description", "related_exchange_id",
        "created_at", "processed_at", "group__name")


def newest(user_id: UUID, number: int) -> list[ReputationEvent]:
    """A person's newest events, the last applied first, so that each goes on from the next one's score."""
    rows = ledger(user_id).order_by("-created_at", "-pk")[:number]
    return sorted(rows, key=lambda row: row.processed_at or row.created_at, reverse=True)


def totals(user_id: UUID) -> dict[str, dict[str, Any]]:
    """By kind: how many events a person has, and what they did to the score, of all time."""
    kinds = ReputationEvent.objects.filter(user=user_id).order_by().values("event_type")
    counted: QuerySet[Any, Any] = kinds.annotate(events=Count("pk"), total=Sum("impact_score"))
    return {each["event_type"]: each for each in counted}


def food_average(user_id: UUID) -> Decimal | None:
    """What those who got food from the person gave for it."""
    of_food = Rating.objects.filter(exchange__food__author=user_id, rater=F("exchange__recipient"))
    return shown_average(**of_food.shown().aggregate(**TALLY))


def recipient_average(user_id: UUID) -> Decimal | None:
    """What those who gave food to the person gave them as a recipient."""
    of_recipient = Rating.objects.filter(exchange__recipient=user_id, rater=F("exchange__food__author"))
    return shown_average(**of_recipient.shown().aggregate(**TALLY))
