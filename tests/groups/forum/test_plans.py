"""Which partitions the forum's reads touch, and how many pages, however much there is beside."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection

from foodshare.models import User
from groups.models import ForumCategory, ForumPost, ForumThread
from groups.queries import forum, rankings
from groups.services.forum import create_thread, reply
from tests.factories import client_for, make_user
from tests.plans import buffers, tables, vacuum

SPAN = timedelta(days=80)  # less than three months
WEEK = 200  # posts of the last 7 days
# Every tenth post of a thread replies to none; the others reply to it, or to the one before, up to six deep.
FILL = """
INSERT INTO forum_posts (id, created_at, category, thread_id, author_id, parent_id, depth, reply_count, content)
SELECT md5(%(thread)s || n)::uuid, %(first)s::timestamp + n * make_interval(secs => %(step)s), %(category)s,
       %(thread)s::uuid, %(author)s,
       CASE WHEN n %% 10 = 0 THEN NULL
            ELSE md5(%(thread)s || CASE WHEN n %% 10 < 5 THEN n - n %% 10 ELSE n - 1 END)::uuid END,
       CASE WHEN n %% 10 < 5 THEN least(n %% 10, 1) ELSE n %% 10 - 3 END,
       CASE WHEN n %% 10 = 0 THEN 4 ELSE (n %% 10 BETWEEN 4 AND 8)::int END, 'As long as an ordinary post, or nearly'
FROM generate_series(0, %(number)s - 1) AS n
"""


def fill(category: ForumCategory, author: User, number: int, first: datetime, span: timedelta = SPAN) -> ForumThread:
    """A thread of `number` posts, evenly over a span of time."""
    thread = ForumThread.objects.create(category=category, author=author, title="Rye", post_count=number,
                                        created_at=first, last_post_at=first + span)
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"thread": str(thread.pk), "first": first.replace(tzinfo=None),
                              "step": (span / number).total_seconds(), "category": category.pk, "author": author.pk,
                              "number": number})
    return thread


def page(thread: ForumThread, skip: int = 0) -> list[ForumPost]:
    """A page of the thread with its trees, `skip` posts on."""
    rows = forum.posts_below(thread, None)
    if skip:
        rows = rows.filter(created_at__gte=thread.created_at + skip * (thread.last_post_at - thread.created_at)
                           / thread.post_count)
    return forum.grown(thread, list(rows[:20]))


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@pytest.mark.parametrize("posts", [10_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_pages_touched(recipes: ForumCategory, tools: ForumCategory, posts: int) -> None:
    author = make_user()
    now = recipes.opened_at
    assert now is not None
    thread = fill(recipes, author, posts // 2, now)
    for _ in range(posts // 400):
        fill(recipes, author, 200, now + timedelta(days=1))
    for _ in range(4):
        fill(tools, author, WEEK // 4, now - timedelta(hours=1), timedelta(hours=1))
    for last in (author, thread):
        last.refresh_from_db()
    vacuum("forum_posts", "forum_threads", "users")
    shown = forum.in_all(page(thread))
    assert len(shown) == 20 * 10
    costs = {skip: buffers(partial(page, thread, skip)) for skip in (0, posts // 4, posts // 2 - 200)}
    assert max(costs.values()) < 3_500, costs
    assert max(costs.values()) <= 1.25 * costs[0], costs  # later posts have fewer months after them
    assert buffers(lambda: list(forum.posts_below(thread, None)[:20])) < 50
    client = client_for(author)
    whole = buffers(lambda: client.get(f"/api/v1/forum/threads/{thread.pk}/posts"))
    assert whole < costs[0] + 500  # with the list of roots, and the capped count
    assert buffers(lambda: client.get("/api/v1/forum/threads?category=testrecipes")) < 100
    assert buffers(rankings.top_threads) < WEEK
    first: Any = rankings.top_threads()[0]
    assert first.posts_this_week == WEEK // 4


@pytest.mark.django_db
@pytest.mark.usefixtures("as_new")
def test_partitions_touched(recipes: ForumCategory, tools: ForumCategory) -> None:
    author = make_user()
    thread = create_thread(author, recipes, "Rye bread", "How?")
    first = thread.posts.get()
    reply(author, thread, "Slowly.", first.pk)
    thread.refresh_from_db()
    own = f"forum_posts_testrecipes_y{thread.created_at:%Ym%m}"
    assert tables(lambda: page(thread), "forum_posts") == {own}
    assert tables(lambda: forum.posts().get(pk=first.pk), "forum_posts") == {own}
    week = tables(lambda: rankings.top_threads(recipes), "forum_posts")
    assert own in week
    assert len(week) <= 2
    assert {name.rpartition("_")[0] for name in week} == {"forum_posts_testrecipes"}
    everywhere = {name.rpartition("_")[0] for name in tables(rankings.top_threads, "forum_posts")}
    assert everywhere == {"forum_posts_testrecipes", "forum_posts_testtools"}
