"""Writes to ratings, each one transaction: giving and changing them, and revealing them.

A rating is revealed when both sides of its exchange have rated, or BLIND_PERIOD after completion. Whoever reveals it
holds its row, and says so in the outbox in the same transaction; the event has the rating's own id, so that no
rating can ever count twice. Locks come in the order of foodshare.services.posts.
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from foodshare.exceptions import Conflict
from foodshare.models import Exchange, ExchangeStatus, OutboxEvent, Rating, User
from foodshare.models.exchanges import BLIND_PERIOD, RatingQuerySet
from foodshare.services import exchanges

CHANGEABLE = timedelta(hours=24)  # how long a rating can be changed, unless it is revealed before
REVEAL_BATCH = 500  # ratings


@transaction.atomic
def rate(exchange: Exchange, rater: User, stars: int, comment: str = "") -> Rating:
    """Rate the other side of a completed exchange; again within CHANGEABLE, while it is hidden, replaces the rating.

    Raises Conflict when the exchange is not completed, or the rating revealed or too old to change.
    """
    held = exchanges.lock_for(exchange, rater)
    if held.status != ExchangeStatus.COMPLETED:
        raise Conflict(f"The exchange is {held.status}; only a completed one can be rated.")
    rating, is_new = Rating.objects.select_for_update(no_key=True).get_or_create(
        exchange=held, rater=rater, defaults={"stars": stars, "comment": comment})
    if is_new:
        reveal_if_open(held)
    elif (rating.stars, rating.comment) != (stars, comment):
        change(rating, stars, comment)
    return rating


def change(rating: Rating, stars: int, comment: str) -> None:
    now = timezone.now()
    if rating.revealed_at is not None:
        raise Conflict("The other side can see the rating already; it can no longer be changed.")
    if now > rating.created_at + CHANGEABLE:
        raise Conflict("A rating can be changed for 24 hours; they have passed.")
    rating.stars, rating.comment, rating.updated_at = stars, comment, now
    rating.save(update_fields=["stars", "comment", "updated_at"])


def reveal_if_open(exchange: Exchange) -> None:
    """Reveal the ratings of a locked exchange if both sides have rated, or its BLIND_PERIOD has passed."""
    over = exchange.completed_at is not None and exchange.completed_at <= timezone.now() - BLIND_PERIOD
    ratings = Rating.objects.filter(exchange=exchange, rater__in=exchanges.parties(exchange))
    if over or ratings.count() == 2:
        reveal(for_telling(ratings.hidden()).select_for_update(of=("self",), no_key=True))


def reveal_ratings(batch: int = REVEAL_BATCH) -> int:
    """Reveal the ratings whose BLIND_PERIOD has passed, `batch` a transaction; return how many.

    Ratings locked by others are being revealed or changed, and left for the next run.
    """
    total = revealed = reveal_batch(batch)
    while revealed == batch:
        revealed = reveal_batch(batch)
        total += revealed
    return total


@transaction.atomic
def reveal_batch(size: int) -> int:
    due = for_telling(Rating.objects.due())
    return reveal(due.select_for_update(of=("self",), skip_locked=True, no_key=True)[:size])


def for_telling(ratings: RatingQuerySet) -> RatingQuerySet:
    """The ratings with what their events say, in the order of ratings_created_at_id_hidden_idx."""
    return ratings.select_related("exchange__food").order_by("created_at", "id")


def reveal(locked: RatingQuerySet) -> int:
    """Reveal ratings, and tell of those not told of before; return how many."""
    ratings = list(locked)
    Rating.objects.filter(pk__in=[rating.pk for rating in ratings]).update(revealed_at=timezone.now())
    OutboxEvent.objects.bulk_create((event(rating) for rating in ratings), ignore_conflicts=True)
    return len(ratings)


def event(rating: Rating) -> OutboxEvent:
    """The rating, as it goes to the outbox; it concerns the person rated."""
    exchange = rating.exchange
    told = exchanges.event(exchange, exchanges.kind_of(exchange, rating), exchanges.person_rated(exchange, rating),
                           rating_id=str(rating.pk), stars=rating.stars,
                           of="food" if rating.rater_id == exchange.recipient_id else "recipient")
    told.event_id = rating.pk
    return told
