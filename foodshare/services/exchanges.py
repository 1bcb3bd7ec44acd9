"""Writes to exchanges, each one transaction.

Every change locks the post, then the exchange (the order of foodshare.services.posts), so that a claim, a
withdrawal and a cancellation of the same post follow one another. The post's status goes with the exchange's.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.module_loading import import_string

from foodshare.db.expressions import Literal
from foodshare.exceptions import Conflict, Forbidden, Invalid, Missing
from foodshare.models import Exchange, ExchangeStatus, FoodPost, OutboxEvent, PostStatus, Rating, User
from foodshare.models.exchanges import TRANSITIONS
from foodshare.services import outbox, posts

CLAIM_GRACE = timedelta(hours=24)  # after the pickup time, for a claim that the giver has not answered
PICKUP_GRACE = timedelta(hours=24)  # after the pickup time, for saying that the food was picked up
EXPIRY_BATCH = 500  # posts
HIGH_STARS, POOR_STARS = 5, 2  # at least, at most
OUTCOMES = TRANSITIONS[ExchangeStatus.DISPUTED]  # what a moderator may resolve a dispute to


def claim(post: FoodPost, recipient: User) -> Exchange:
    """Reserve a post; the claim is the recipient's confirmation. Of all who race for it, one wins.

    Raises Forbidden for one's own post, Missing for one that the person cannot see, Conflict when it is taken or over,
    or does not open for the person before a later time.
    """
    if post.author_id == recipient.pk:
        raise Forbidden("You cannot claim your own post.")
    try:
        with transaction.atomic():
            open_post = FoodPost.objects.visible_to(recipient).open_now().filter(pk=post.pk)
            opening = claims_open_at(post, recipient)
            if opening or open_post.update(status=PostStatus.CLAIMED) == 0:
                raise refusal(post, recipient, opening)
            exchange = Exchange.objects.create(food=post, recipient=recipient, recipient_confirmed_at=timezone.now())
            tell(exchange, "food_claimed", recipient.pk)
    except IntegrityError as error:
        if "exchanges_food_id_active_uniq" in str(error):  # another program left a held post available
            raise Conflict("Someone else has claimed this post.") from None
        raise
    return exchange


def claims_open_at(post: FoodPost, recipient: User) -> datetime | None:
    """From when the person may claim the post; None: now. A higher app knows who waits how long."""
    opening: datetime | None = import_string(settings.CLAIM_OPENS)(post, recipient)
    return opening


def refusal(post: FoodPost, recipient: User, opening: datetime | None) -> Exception:
    """Why a post could not be claimed."""
    found = FoodPost.objects.visible_to(recipient).filter(pk=post.pk).first()
    if found is None:
        return Missing()
    if found.status != PostStatus.AVAILABLE:
        return Conflict(f"The post is {found.status}.")
    if opening and found.pickup_time > timezone.now():
        return Conflict(f"The post opens for you at {opening:%Y-%m-%dT%H:%M:%SZ}.")
    return Conflict("The post's pickup time has passed.")


@transaction.atomic
def confirm(exchange: Exchange, party: User) -> Exchange:
    """The giver agrees to hand over. By the recipient, whose claim confirmed already, or again: nothing changes."""
    held = lock_for(exchange, party)
    waiting = held.status == ExchangeStatus.PENDING and held.recipient_id == party.pk
    if waiting or held.status == ExchangeStatus.CONFIRMED:
        return held
    step(held, ExchangeStatus.CONFIRMED, giver_confirmed_at=timezone.now())
    tell(held, "exchange_confirmed", held.recipient_id)
    return held


@transaction.atomic
def complete(exchange: Exchange, party: User) -> Exchange:
    """Either side says that the food changed hands; said again, nothing changes."""
    held = lock_for(exchange, party)
    if held.status == ExchangeStatus.COMPLETED:
        return held
    step(held, ExchangeStatus.COMPLETED, completed_at=timezone.now())
    tell_completed(held)
    return held


@transaction.atomic
def cancel(exchange: Exchange, party: User, reason: str = "") -> Exchange:
    """Either side gives up; the post is on offer again, or expired."""
    held = lock_for(exchange, party)
    step(held, ExchangeStatus.CANCELLED, cancelled_at=timezone.now(), cancelled_by=party, cancel_reason=reason)
    tell(held, "exchange_cancelled", party.pk)
    return held


def expire_claims(batch: int = EXPIRY_BATCH) -> int:
    """Cancel the claims still pending CLAIM_GRACE after the pickup time, `batch` a transaction; return how many.

    Nobody is blamed. Posts locked by others, as by a giver who confirms just now, are left for the next run.
    """
    total = expired = expire_batch(batch)
    while expired == batch:
        expired = expire_batch(batch)
        total += expired
    return total


@transaction.atomic
def expire_batch(size: int) -> int:
    pending = Exchange.objects.filter(status=ExchangeStatus.PENDING)
    due = FoodPost.objects.filter(Exists(pending.filter(food=OuterRef("pk"))), status=Literal(PostStatus.CLAIMED),
                                  pickup_time__lte=timezone.now() - CLAIM_GRACE).order_by("pickup_time")
    held = {post.pk: post for post in due.select_for_update(skip_locked=True, no_key=True)[:size]}
    for exchange in pending.filter(food__in=held).select_for_update(no_key=True):
        exchange.food = held[exchange.food_id]
        move(exchange, ExchangeStatus.CANCELLED, cancelled_at=timezone.now(), cancel_reason="The pickup time passed.")
        tell_both(exchange, "exchange_expired")
    return len(held)


@transaction.atomic
def dispute(exchange: Exchange, party: User, reason: str) -> Exchange:
    """Either side says that something went wrong; a moderator will resolve it. The post stays held."""
    held = lock_for(exchange, party)
    if not reason.strip():
        raise Invalid("Say what went wrong.", attr="reason")
    step(held, ExchangeStatus.DISPUTED, disputed_at=timezone.now(), disputed_by=party, dispute_reason=reason)
    tell(held, "exchange_disputed", party.pk)
    return held


@transaction.atomic
def resolve(exchange: Exchange, moderator: User, outcome: str, resolution: str, no_show: bool = False) -> Exchange:
    """End a dispute as confirmed, completed or cancelled; the caller has checked that `moderator` may.

    `no_show` says that it was cancelled because the recipient did not come. Raises Invalid for another outcome or an
    empty resolution, Forbidden for one's own exchange, Conflict when the exchange is not disputed.
    """
    held = lock(exchange)
    if outcome not in OUTCOMES:
        raise Invalid(f"A dispute is resolved as one of: {', '.join(OUTCOMES)}.", attr="outcome")
    if not resolution.strip():
        raise Invalid("Say how the dispute is resolved.", attr="resolution")
    if no_show and outcome != ExchangeStatus.CANCELLED:
        raise Invalid("Where the recipient did not come, the exchange is cancelled.", attr="no_show")
    if moderator.pk in parties(held):
        raise Forbidden("You cannot resolve a dispute of your own.")
    if held.status != ExchangeStatus.DISPUTED:
        raise Conflict(f"The exchange is {held.status}, not disputed.")
    completed_at = held.completed_at
    move(held, outcome, resolved_at=timezone.now(), resolved_by=moderator, resolution=resolution,
         **outcome_times(held, outcome))
    tell_both(held, "exchange_resolved", outcome=outcome, was_completed=completed_at is not None)
    if outcome == ExchangeStatus.COMPLETED and completed_at is None:
        tell_completed(held)
    elif outcome != ExchangeStatus.COMPLETED and completed_at is not None:
        tell_not_completed(held, completed_at)
    if outcome == ExchangeStatus.CANCELLED:
        take_back_ratings(held)
    if no_show:
        tell(held, "no_show_pickup", held.recipient_id)
    return held


def tell_completed(exchange: Exchange) -> None:
    """Both sides have completed an exchange; the recipient, if it was in time, also has kept their word."""
    tell_both(exchange, "exchange_completed")
    if is_in_time(exchange, exchange.completed_at):
        tell(exchange, "reliable_pickup", exchange.recipient_id)


def tell_not_completed(exchange: Exchange, completed_at: datetime) -> None:
    """What counted for the completion counts no more."""
    tell_both(exchange, "reversal", reverses_type="exchange_completed")
    if is_in_time(exchange, completed_at):
        tell(exchange, "reversal", exchange.recipient_id, reverses_type="reliable_pickup")


def take_back_ratings(exchange: Exchange) -> None:
    """Hide the ratings of an exchange that was cancelled after all; those that were revealed count no more."""
    rated = Rating.objects.filter(exchange=exchange, rater__in=parties(exchange)).order_by("created_at", "id")
    revealed = [rating for rating in rated.select_for_update(no_key=True) if rating.revealed_at is not None]
    Rating.objects.filter(pk__in=[rating.pk for rating in revealed]).update(revealed_at=None)
    for rating in revealed:
        tell(exchange, "reversal", person_rated(exchange, rating), reverses=str(rating.pk),
             reverses_type=kind_of(exchange, rating))


def person_rated(exchange: Exchange, rating: Rating) -> UUID:
    giver, recipient = parties(exchange)
    return giver if rating.rater_id == recipient else recipient


def kind_of(exchange: Exchange, rating: Rating) -> str:
    """The kind of the rating's event; that the giver rated the recipient moves no score."""
    if rating.rater_id == exchange.recipient_id and rating.stars >= HIGH_STARS:
        return "highly_rated_food"
    if rating.rater_id == exchange.recipient_id and rating.stars <= POOR_STARS:
        return "poor_food_rating"
    return "exchange_rated"


def is_in_time(exchange: Exchange, completed_at: datetime | None) -> bool:
    return completed_at is not None and completed_at <= exchange.food.pickup_time + PICKUP_GRACE


def outcome_times(exchange: Exchange, outcome: str) -> dict[str, datetime | None]:
    """The time stamps that a moderator's outcome sets; the parties' own stay as they are."""
    now = timezone.now()
    times: dict[str, dict[str, datetime | None]] = {
        ExchangeStatus.CONFIRMED: {"completed_at": None},
        ExchangeStatus.COMPLETED: {"completed_at": exchange.completed_at or now},
        ExchangeStatus.CANCELLED: {"cancelled_at": now},
    }
    return times[outcome]


def parties(exchange: Exchange) -> tuple[UUID, UUID]:
    """The ids of the giver and the recipient."""
    return exchange.food.author_id, exchange.recipient_id


def lock(exchange: Exchange) -> Exchange:
    """The exchange as it is now, with its post; both kept from other writers until the transaction ends."""
    food = posts.lock(exchange.food_id)
    held = Exchange.objects.select_for_update(no_key=True).get(pk=exchange.pk)
    held.food = food
    return held


def lock_for(exchange: Exchange, party: User) -> Exchange:
    """The locked exchange. Raises Missing for whoever has no side in it."""
    held = lock(exchange)
    if party.pk not in parties(held):
        raise Missing()
    return held


def step(exchange: Exchange, status: ExchangeStatus, **fields: Any) -> None:
    """Move on as a party may: as `move`, but a dispute is left to the moderators."""
    if exchange.status == ExchangeStatus.DISPUTED:
        raise Conflict("The exchange is disputed; a moderator resolves it.")
    move(exchange, status, **fields)


def move(exchange: Exchange, status: str, **fields: Any) -> None:
    """Set the status of a locked exchange, and its post's. Raises Conflict where TRANSITIONS has no such step."""
    if status not in TRANSITIONS[exchange.status]:
        raise Conflict(f"The exchange is {exchange.status}; it cannot become {status}.")
    for name, value in {"status": status, **fields}.items():
        setattr(exchange, name, value)
    exchange.save(update_fields=["status", *fields])
    follow(exchange.food, status)


def follow(post: FoodPost, status: str) -> None:
    """Give a post the status that its exchange's means; a disputed exchange leaves it as it is."""
    if status == ExchangeStatus.CANCELLED:
        posts.release(post)
    elif status != ExchangeStatus.DISPUTED:
        done = status == ExchangeStatus.COMPLETED
        post.status = PostStatus.COMPLETED if done else PostStatus.CLAIMED
        post.save(update_fields=["status"])


def tell(exchange: Exchange, event_type: str, user_id: UUID, **payload: Any) -> None:
    """Append to the outbox what happened in the exchange; it concerns the person `user_id`."""
    event(exchange, event_type, user_id, **payload).save()


def event(exchange: Exchange, event_type: str, user_id: UUID, **payload: Any) -> OutboxEvent:
    topic = outbox.REPUTATION if event_type in REPUTATION_EVENTS else outbox.GROUP_ACTIVITIES
    post = exchange.food
    giver, recipient = parties(exchange)
    about = {"exchange_id": str(exchange.pk), "post_id": str(post.pk), "group_id": post.group_id and str(post.group_id),
             "mode": post.sharing_mode, "giver_id": str(giver), "recipient_id": str(recipient)}
    return OutboxEvent(topic=topic, event_type=event_type, user_id=user_id, payload=about | payload)


def tell_both(exchange: Exchange, event_type: str, **payload: Any) -> None:
    for user_id in parties(exchange):
        tell(exchange, event_type, user_id, **payload)


REPUTATION_EVENTS = {"exchange_completed", "exchange_cancelled", "exchange_rated", "exchange_resolved",
                     "highly_rated_food", "no_show_pickup", "poor_food_rating", "reliable_pickup", "reversal"}
