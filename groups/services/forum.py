"""Writes to the forum: opening categories, threads, posts and replies; one transaction each.

A thread's `post_count` counts the places in it: a deleted post keeps its own, for the replies to it. A post is
never older than its thread or what it replies to, nor later than the thread's `last_post_at`: by these two times
the reads find the partitions that a thread touches.
"""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import DatabaseError, connections, transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from foodshare.db.keys import new_key
from foodshare.db.locks import LocksTaken, in_turn
from foodshare.exceptions import Conflict, Forbidden, Invalid, Missing
from foodshare.models import Relationship, User
from groups.models import ForumCategory, ForumPost, ForumThread
from groups.partitions import MOST_CATEGORIES, make_category_partitions

DEEPEST = 8  # replies above a post
EDITABLE = timedelta(minutes=60)
OWNER = "owner"  # the alias: only its role may make partitions
OPENING = "groups.open_category"  # names the right to open

logger = logging.getLogger(__name__)


def add_category(slug: str, *, name: str, description: str = "") -> ForumCategory:
    """Add a category, or find the one of this slug. It takes no posts before `open_category`.

    Raises django.core.exceptions.ValidationError for a slug or name that cannot be.
    """
    found = ForumCategory.objects.using(OWNER).filter(slug=slug).first()
    if found is not None:
        return found
    category = ForumCategory(slug=slug, name=name, description=description)
    category.full_clean(validate_unique=False, validate_constraints=False)
    category.save(using=OWNER, force_insert=True)
    return category


def open_category(slug: str) -> ForumCategory:
    """Open a category for posts: first its partitions are made, then it says so. To open it again is harmless.

    Works on the owner's connection throughout. Raises Missing, or Conflict when as many as may be are open.
    """
    categories = ForumCategory.objects.using(OWNER)
    with in_turn(connections[OWNER], OPENING):  # two workers would both count the same categories
        category = categories.filter(slug=slug).first()
        if category is None:
            raise Missing(f"There is no forum category {slug!r}.")
        if not category.is_open:
            if categories.filter(opened_at__isnull=False).count() >= MOST_CATEGORIES:
                raise Conflict(f"{MOST_CATEGORIES} forum categories are open, the most; {slug!r} stays closed.")
            make_category_partitions(connections[OWNER], slug, timezone.now().date())
            category.opened_at = timezone.now()
            category.save(using=OWNER, update_fields=["opened_at"])
    return category


def open_waiting_categories() -> list[str]:
    """Open the categories that wait for it, the oldest first, as far as there may be more; return their slugs."""
    categories = ForumCategory.objects.using(OWNER)
    room = MOST_CATEGORIES - categories.filter(opened_at__isnull=False).count()
    waiting = categories.filter(opened_at__isnull=True).order_by("id").values_list("slug", flat=True)
    return [slug for slug in waiting[:max(room, 0)] if is_opened(slug)]


def is_opened(slug: str) -> bool:
    """Open a category that waits; what keeps it from that is logged, and keeps no other from being opened."""
    try:
        open_category(slug)
    except (DatabaseError, LocksTaken, Conflict, Missing) as error:
        logger.error("forum category %s stays closed: %s", slug, error)
        return False
    return True


@transaction.atomic
def create_thread(author: User, category: ForumCategory, title: str, content: str) -> ForumThread:
    """Begin a thread with its first post. Raises Conflict while the category takes no posts."""
    if not category.is_open:
        raise Conflict("This category takes no posts yet.")
    now = timezone.now()
    thread = ForumThread.objects.create(category=category, author=author, title=title, post_count=1, created_at=now,
                                        last_post_at=now)
    write(thread, author, content, at=now)
    return thread


@transaction.atomic
def reply(author: User, thread: ForumThread, content: str, parent_id: UUID | None = None) -> ForumPost:
    """Post in a thread, or reply to one of its posts.

    Raises Conflict when the thread is locked or the parent deleted, Invalid when the parent is not of the thread
    or too deep, Forbidden when one of the two has blocked the other.
    """
    parent = parent_in(thread, parent_id, author) if parent_id else None
    at = max(timezone.now(), parent.created_at if parent else thread.created_at)  # clocks of servers differ
    count_post(thread, at)
    if parent is not None:
        ForumPost.objects.filter(pk=parent.pk).update(reply_count=F("reply_count") + 1)
    return write(thread, author, content, at=at, parent=parent)


def parent_in(thread: ForumThread, post_id: UUID, author: User) -> ForumPost:
    """The thread's post that `author` may reply to."""
    parent = ForumPost.objects.select_related("author").filter(pk=post_id, thread=thread).first()
    if parent is None:
        raise Invalid("There is no such post in this thread.", attr="parent")
    if parent.depth >= DEEPEST:
        raise Invalid(f"Replies go {DEEPEST} levels deep, and this post is at the last.", attr="parent")
    if parent.deleted_at is not None:
        raise Conflict("The post is deleted; nobody can reply to it any more.")
    if Relationship.objects.blocks_between(author, [parent.author]).exists():
        raise Forbidden("You cannot reply to this person.")
    return parent


def count_post(thread: ForumThread, at: datetime) -> None:
    """Count one more post, of the time `at`, unless the thread is locked: in one statement, whoever else posts."""
    unlocked = ForumThread.objects.filter(pk=thread.pk, locked_at__isnull=True)
    if not unlocked.update(post_count=F("post_count") + 1, last_post_at=Greatest("last_post_at", at)):
        raise Conflict("The thread is locked or gone; it takes no more posts.")


def write(thread: ForumThread, author: User, content: str, *, at: datetime,
          parent: ForumPost | None = None) -> ForumPost:
    return ForumPost.objects.create(
        id=new_key(at), category_id=thread.category_id, thread=thread, author=author, content=content,
        parent_id=parent.pk if parent else None, depth=parent.depth + 1 if parent else 0)


def edit_post(author: User, post: ForumPost, content: str) -> ForumPost:
    """Change what a post says. Raises Forbidden for another's, Conflict when it is too late, deleted or locked."""
    refuse_but_author(author, post)
    now = timezone.now()
    if now - post.created_at > EDITABLE:
        raise Conflict(f"A post can be changed for {EDITABLE.seconds // 60} minutes, and these are over.")
    if post.thread.locked_at is not None:
        raise Conflict("The thread is locked; its posts stay as they are.")
    if not ForumPost.objects.filter(pk=post.pk, deleted_at__isnull=True).update(content=content, edited_at=now):
        raise Conflict("The post is deleted.")
    post.content, post.edited_at = content, now
    return post


@transaction.atomic
def delete_post(author: User, post: ForumPost) -> None:
    """Take one's post back: its place stays, empty. A thread's only post takes the thread with it.

    To delete again is harmless. Raises Forbidden for another's, Conflict for the first post of a thread with more.
    """
    refuse_but_author(author, post)
    thread = ForumThread.objects.select_for_update(no_key=True).filter(pk=post.thread_id).first()
    if thread is None:
        return
    if not begins(thread, post):
        remove_post(post)
    elif thread.post_count > 1:
        raise Conflict("There are posts below, or the places of deleted ones; the first post of a thread stays.")
    else:
        ForumPost.objects.filter(pk=post.pk).delete()
        ForumThread.objects.filter(pk=thread.pk).delete()


def begins(thread: ForumThread, post: ForumPost) -> bool:
    """Whether it is the thread's first post, which is of the thread's own time."""
    return post.parent_id is None and post.created_at == thread.created_at


def remove_post(post: ForumPost) -> ForumPost:
    """Empty a post, by its author or a moderator; its place stays for the replies. Again: nothing changes."""
    ForumPost.objects.filter(pk=post.pk, deleted_at__isnull=True).update(content="", deleted_at=timezone.now())
    return post


def lock_thread(thread: ForumThread) -> ForumThread:
    """Let a thread take no more posts; again: nothing changes."""
    ForumThread.objects.filter(pk=thread.pk, locked_at__isnull=True).update(locked_at=timezone.now())
    return thread


def unlock_thread(thread: ForumThread) -> ForumThread:
    """Let a thread take posts again."""
    ForumThread.objects.filter(pk=thread.pk).update(locked_at=None)
    return thread


def refuse_but_author(user: User, post: ForumPost) -> None:
    if post.author_id != user.pk:
        raise Forbidden("Only the author may do this.")
