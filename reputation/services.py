"""Writes to reputation."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from foodshare.cache.keys import REPUTATION
from foodshare.cache.through import write_through
from foodshare.exceptions import Forbidden, Invalid, Missing
from foodshare.models import OutboxEvent, User
from foodshare.services import outbox
from reputation import rules
from reputation.models import ReputationEvent, ReputationPrivacy, UserGlobalReputation
from reputation.queries import reputations

RECORDABLE = ("community_help", *sorted(rules.INCIDENTS), rules.ADJUSTMENT)  # what moderators say of people
MOST_POINTS = Decimal(30)  # of an adjustment, either way


def open_reputation(user: User) -> None:
    """Give a new person the row with document A's defaults."""
    UserGlobalReputation.objects.create(user=user)


def choose_privacy(user: User, **shown: bool) -> None:
    """Keep what the person says of some parts: one statement, so that two at once both count."""
    if shown:
        ReputationPrivacy.objects.bulk_create([ReputationPrivacy(user=user, **shown)], update_conflicts=True,
                                              unique_fields=["user"], update_fields=list(shown))
        write_through(REPUTATION, user.pk)


def reputation_of(user_id: UUID) -> Any:
    """A person's row of `reputations()`, with document A's defaults where another program has added the person.

    Raises Missing when there is no such person.
    """
    found = reputations().filter(pk=user_id).first()
    if found is None:
        if not User.objects.filter(pk=user_id).exists():
            raise Missing
        UserGlobalReputation.objects.bulk_create([UserGlobalReputation(user_id=user_id)], ignore_conflicts=True)
        found = reputations().get(pk=user_id)
    return found


@transaction.atomic
def record(person: User, moderator: User, kind: str, reason: str, points: Decimal | None = None) -> OutboxEvent:
    """Have one of RECORDABLE count for or against a person; an adjustment says with how many points.

    The caller has checked that `moderator` may. Raises Forbidden for oneself, and Invalid for another kind, without a
    reason, and for points that are not to be given.
    """
    if kind not in RECORDABLE:
        raise Invalid(f"Moderators record one of: {', '.join(RECORDABLE)}.", attr="kind")
    if (points is not None) != (kind == rules.ADJUSTMENT):
        raise Invalid("An adjustment needs points; the others have their own.", attr="points")
    return tell(person.pk, moderator, kind, reason, **({} if points is None else {"raw": in_hundredths(points)}))


@transaction.atomic
def reverse(event: ReputationEvent, moderator: User, reason: str) -> OutboxEvent:
    """Have an event of the ledger count for nothing. Raises Forbidden for one's own, Invalid without a reason."""
    return tell(event.user_id, moderator, rules.REVERSAL, reason, reverses=str(event.pk))


def tell(user_id: UUID | None, moderator: User, kind: str, reason: str, **payload: str) -> OutboxEvent:
    if user_id == moderator.pk:
        raise Forbidden("You cannot decide about your own reputation.")
    if not reason.strip():
        raise Invalid("Say why.", attr="reason")
    return outbox.append(outbox.REPUTATION, kind, user_id, note=reason.strip(), by=str(moderator.pk), **payload)


def in_hundredths(points: Decimal) -> str:
    """Raises Invalid for more than MOST_POINTS, and for parts of a hundredth."""
    if not points.is_finite() or abs(points) > MOST_POINTS or points != round(points, 2):
        raise Invalid(f"An adjustment is from -{MOST_POINTS} to {MOST_POINTS} points, with two decimals at most.",
                      attr="points")
    return f"{points:.2f}"
