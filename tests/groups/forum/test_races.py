"""Whoever posts, locks, deletes or opens at once: what is counted agrees with what there is."""

from functools import partial

import pytest
from django.db import connections

from foodshare.models import User
from groups.models import ForumCategory, ForumPost, ForumThread
from groups.partitions import MOST_CATEGORIES
from groups.services import forum
from tests.factories import later, make_user
from tests.races import race

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
ROUNDS, RACERS = 8, 6


def assert_counted(thread: ForumThread) -> None:
    thread.refresh_from_db()
    posts = ForumPost.objects.filter(thread=thread)
    assert thread.post_count == posts.count()
    assert thread.last_post_at == max(post.created_at for post in posts)


def test_all_replies_count(thread: ForumThread) -> None:
    people = [make_user() for _ in range(RACERS)]
    for _ in range(ROUNDS):
        assert all(race([partial(forum.reply, person, thread, "Me too") for person in people]))
    assert_counted(thread)
    assert thread.post_count == 1 + ROUNDS * RACERS


def test_what_a_lock_refuses_leaves_no_trace(recipes: ForumCategory, author: User) -> None:
    for _ in range(ROUNDS):
        thread = forum.create_thread(author, recipes, "Rye bread", "How?")
        replies = [partial(forum.reply, author, thread, "Me too") for _ in range(RACERS)]
        done = race([partial(forum.lock_thread, thread), *replies])
        assert_counted(thread)
        assert thread.post_count == sum(done)  # the lock counts as the first post


def test_a_thread_vanishes_or_is_replied_to(recipes: ForumCategory, author: User) -> None:
    for _ in range(ROUNDS):
        thread = forum.create_thread(author, recipes, "Rye bread", "How?")
        first = thread.posts.select_related("thread").get()
        deleted, replied = race([partial(forum.delete_post, author, first), partial(forum.reply, author, thread, "…")])
        assert deleted != replied
        assert ForumThread.objects.filter(pk=thread.pk).exists() is replied
        assert ForumPost.objects.filter(thread=thread).count() == (2 if replied else 0)


def test_no_more_categories_open_than_may_be() -> None:
    categories = ForumCategory.objects
    categories.bulk_create(ForumCategory(slug=f"race{number}", name="…", opened_at=later() if number > 1 else None)
                           for number in range(MOST_CATEGORIES + 1))
    try:
        assert sorted(race([partial(forum.open_category, f"race{number}") for number in (0, 1)])) == [False, True]
        assert categories.filter(opened_at__isnull=False).count() == MOST_CATEGORIES
    finally:
        with connections["owner"].cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS forum_posts_race0, forum_posts_race1")
