"""Writes to posts: sharing, editing, withdrawing, expiring.

Whoever locks rows of several tables locks posts first, then exchanges, then ratings. Locks are
FOR NO KEY UPDATE: they keep writers out, and let rows that refer to the locked one come in.
"""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from foodshare.exceptions import Conflict, Forbidden, Invalid
from foodshare.models import FoodPost, OutboxEvent, PostStatus, SharingMode, User
from foodshare.services import outbox
from foodshare.services.sharing import refuse_other_groups

EXPIRY_BATCH = 500  # posts


@transaction.atomic
def share(author: User, *, group_id: UUID | None = None, **fields: Any) -> FoodPost:
    """Put a post on offer in the author's present mode.

    Raises Forbidden for an unverified neighbour and for who has no mode, Invalid when the group is missing
    or not one in which the author shares.
    """
    if author.sharing_mode is None:
        raise Forbidden("Choose a sharing mode first.")
    place = neighbor_place(author) if author.sharing_mode == SharingMode.NEIGHBORHOOD else {}
    check_group(author, group_id)
    post = FoodPost.objects.create(author=author, sharing_mode=author.sharing_mode, group_id=group_id,
                                   **place, **fields)
    tell(post, "food_shared")
    return post


def neighbor_place(author: User) -> dict[str, UUID]:
    """Where a neighbour's post belongs: the author's building and its neighborhood."""
    if not author.is_verified_neighbor or author.building is None:
        raise Forbidden("Your address is not verified yet; until it is, you cannot share with neighbours.")
    return {"building_id": author.building.pk, "neighborhood_id": author.building.neighborhood_id}


def check_group(author: User, group_id: UUID | None) -> None:
    """A community post needs a group, a neighbour's may have one; either way the author shares there."""
    if group_id is None:
        if author.sharing_mode == SharingMode.COMMUNITY:
            raise Invalid("In community mode a post needs a group.", attr="group")
    else:
        refuse_other_groups(author, group_id)


@transaction.atomic
def edit(post: FoodPost, **changes: Any) -> FoodPost:
    """Change what a post says. Raises Conflict unless it is available."""
    held = lock(post.pk)
    if held.present_status != PostStatus.AVAILABLE:
        raise Conflict(f"The post is {held.present_status}; only an available one can be changed.")
    for name, value in changes.items():
        setattr(held, name, value)
    held.save(update_fields=changes)
    return held


@transaction.atomic
def withdraw(post: FoodPost, by: User) -> FoodPost:
    """Take a post off, by its author or a moderator; a second time changes nothing. Sharing it counts no more.

    Raises Conflict when it is claimed, completed or expired.
    """
    held = lock(post.pk)
    if held.status == PostStatus.WITHDRAWN:
        return held
    if held.present_status != PostStatus.AVAILABLE:
        raise Conflict(f"The post is {held.present_status}; only an available one can be withdrawn.")
    held.status = PostStatus.WITHDRAWN
    held.save(update_fields=["status"])
    tell(held, "food_withdrawn", by=str(by.pk))
    tell(held, "reversal", reverses=str(held.pk), reverses_type="food_shared")
    return held


def lock(post_id: UUID) -> FoodPost:
    """The post's row as it is now, kept from other writers until the transaction ends."""
    return FoodPost.objects.select_for_update(no_key=True).get(pk=post_id)


def release(post: FoodPost) -> None:
    """Offer a locked post again whose claim ended, or expire it when its pickup time has passed."""
    if post.pickup_time > timezone.now():
        post.status = PostStatus.AVAILABLE
    else:
        post.status = PostStatus.EXPIRED
        tell(post, "food_expired")
    post.save(update_fields=["status"])


def expire_posts(batch: int = EXPIRY_BATCH) -> int:
    """Expire the available posts whose pickup time has passed, `batch` a transaction; return how many.

    Posts locked by others, such as one being claimed at this moment, are left for the next run.
    """
    total = expired = expire_batch(batch)
    while expired == batch:
        expired = expire_batch(batch)
        total += expired
    return total


@transaction.atomic
def expire_batch(size: int) -> int:
    due = FoodPost.objects.past_pickup().order_by("pickup_time")
    posts = list(due.select_for_update(skip_locked=True, no_key=True)[:size])
    FoodPost.objects.filter(pk__in=[post.pk for post in posts]).update(status=PostStatus.EXPIRED)
    OutboxEvent.objects.bulk_create(event(post, "food_expired") for post in posts)
    return len(posts)


def tell(post: FoodPost, event_type: str, **payload: Any) -> None:
    """Append to the outbox what happened to the post; it concerns its author."""
    event(post, event_type, **payload).save()


def event(post: FoodPost, event_type: str, **payload: Any) -> OutboxEvent:
    """What goes to the outbox. That the post was shared has the post's own id, by which it can be taken back."""
    topic = outbox.REPUTATION if event_type in REPUTATION_EVENTS else outbox.GROUP_ACTIVITIES
    about = {"post_id": str(post.pk), "group_id": post.group_id and str(post.group_id), "mode": post.sharing_mode}
    told = OutboxEvent(topic=topic, event_type=event_type, user_id=post.author_id, payload=about | payload)
    if event_type == "food_shared":
        told.event_id = post.pk
    return told


REPUTATION_EVENTS = {"food_shared", "reversal"}
