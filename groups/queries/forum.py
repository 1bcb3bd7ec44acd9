"""Reads of the forum: what the API answers from."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from foodshare.db.fields import naive
from foodshare.db.operations import sql
from foodshare.models import Relationship, User
from groups.models import ForumPost, ForumThread
from groups.services.forum import DEEPEST

WIDTH = 20  # replies shown below one post
ROOM = 200  # replies shown on one page


def threads() -> QuerySet[ForumThread]:
    return ForumThread.objects.select_related("author", "category")


def posts() -> QuerySet[ForumPost]:
    """Posts with author and thread; meant to be looked up by id, which tells the partition."""
    return ForumPost.objects.select_related("author", "thread")


def posts_below(thread: ForumThread, parent: ForumPost | None) -> QuerySet[ForumPost]:
    """The thread's posts that reply to `parent`, or to none, oldest first; nothing but what orders them is read.

    They all have the one parent, which is named in the order all the same: of an IS NULL the planner does not see
    that it makes rows equal, and would not take the order from the tree's index.
    """
    first = (parent or thread).created_at
    return ForumPost.objects.filter(
        category=thread.category_id, thread=thread, created_at__range=(first, thread.last_post_at),
        parent_id=parent.pk if parent else None,
    ).order_by("parent_id", "created_at", "id").only("id", "created_at", "depth", "reply_count")


def grown(thread: ForumThread, roots: Sequence[ForumPost], width: int = WIDTH, room: int = ROOM) -> list[ForumPost]:
    """These posts in full, each with its `replies`, and `more_replies`: whether there are others than those shown.

    Below each post stand the first `width` replies, on the whole at most `room`, those of upper levels first.
    """
    if not roots:
        return []
    found = ForumPost.objects.raw(sql("groups", "queries/forum_tree"), {
        "category": thread.category_id, "thread": thread.pk, "depth": roots[0].depth, "deepest": DEEPEST,
        "roots": [root.pk for root in roots], "times": [naive(root.created_at) for root in roots],
        "counts": [root.reply_count for root in roots],
        "first": naive(roots[0].created_at), "last": naive(thread.last_post_at), "width": width, "room": room,
    })
    return nested([with_author(post) for post in found])


def with_author(row: Any) -> ForumPost:
    """A row of forum_tree.sql with its author as an object."""
    post: ForumPost = row
    post.author = User(pk=row.author_id, name=row.author_name, image=row.author_image)
    return post


def nested(rows: Sequence[Any]) -> list[ForumPost]:
    """The rows that reply to none of the others; those that do stand in the `replies` of what they reply to."""
    by_key: dict[UUID | None, Any] = {post.pk: post for post in rows}
    roots: list[ForumPost] = []
    for post in rows:
        post.replies = []
        parent = by_key.get(post.parent_id)
        (parent.replies if parent else roots).append(post)
    return roots


def in_all(trees: Sequence[Any]) -> list[Any]:
    """All posts of the trees."""
    return [post for root in trees for post in (root, *in_all(root.replies))]


def mark_hidden(reader: User, written: Sequence[Any]) -> None:
    """Tell each of these posts or threads whether it is `hidden`: its author and the reader, one blocks the other."""
    blocked = blocked_among(reader, {each.author_id for each in written})
    for each in written:
        each.hidden = each.author_id in blocked


def blocked_among(reader: User, people: Iterable[UUID]) -> set[UUID]:
    """Those of the people whom the reader blocks, or by whom the reader is blocked."""
    blocks = Relationship.objects.blocks_between(reader, people)
    return {person for pair in blocks.values_list("from_user", "to_user") for person in pair} - {reader.pk}
