"""The most active threads of the week."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from foodshare.db.keys import new_key
from foodshare.models import User
from groups.models import ForumCategory, ForumPost, ForumThread
from groups.services import forum
from tests.factories import client_for
from tests.plans import selects

pytestmark = pytest.mark.django_db


def begin(author: User, category: ForumCategory, posts: int) -> ForumThread:
    thread = forum.create_thread(author, category, f"{posts} posts", "…")
    for _ in range(posts - 1):
        forum.reply(author, thread, "…")
    return thread


def top(author: User, query: str = "") -> list[dict[str, Any]]:
    answer = client_for(author).get(f"/api/v1/forum/threads/top{query}")
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def test_by_posts_with_shared_ranks(recipes: ForumCategory, tools: ForumCategory, author: User) -> None:
    two, three, other = begin(author, recipes, 2), begin(author, recipes, 3), begin(author, tools, 2)
    one = begin(author, tools, 1)
    found = [(each["id"], each["rank"], each["posts_this_week"]) for each in top(author)]
    assert found == [(str(three.pk), 1, 3), (str(other.pk), 2, 2), (str(two.pk), 2, 2), (str(one.pk), 4, 1)]
    client = client_for(author)
    assert len(selects(lambda: client.get("/api/v1/forum/threads/top"))) <= 5  # who asks, the ranking, authors, …
    assert [(each["id"], each["rank"]) for each in top(author, "?category=testtools")] == [
        (str(other.pk), 1), (str(one.pk), 2)]


def test_deleted_posts_do_not_count(recipes: ForumCategory, author: User) -> None:
    thread = begin(author, recipes, 3)
    forum.remove_post(thread.posts.order_by("created_at")[1])
    assert top(author)[0]["posts_this_week"] == 2


def test_older_posts_do_not_count(recipes: ForumCategory, author: User) -> None:
    thread = begin(author, recipes, 1)
    for when in (timedelta(days=-8), timedelta(days=20)):  # the latter by a clock that is wrong
        at = timezone.now() + when
        if at.month == thread.created_at.month or when > timedelta(0):  # where there are partitions
            ForumPost.objects.create(id=new_key(at), category=recipes, thread=thread, author=author, content="…")
    assert top(author)[0]["posts_this_week"] == 1


def test_nothing_yet(author: User) -> None:
    assert top(author) == []
