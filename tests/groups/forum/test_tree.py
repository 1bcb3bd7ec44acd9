"""A page of posts, each with the replies below it: whatever the tree, those that a plain walk gives."""

from collections import defaultdict
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foodshare.db.keys import new_key
from foodshare.models import Relationship, User
from groups.models import ForumPost, ForumThread
from groups.queries.forum import grown, in_all, posts_below
from groups.services import forum
from tests.factories import client_for, make_user

pytestmark = pytest.mark.django_db
Tree = list[Any]  # of (key, replies, whether there are more)


def plant(thread: ForumThread, author: User, number: int, random: Random, deep: bool = False) -> list[ForumPost]:
    """Random posts in the thread; of two made at the same time the key decides."""
    posts: list[ForumPost] = list(thread.posts.all())
    for step in range(number):
        above = [post for post in posts if post.depth < forum.DEEPEST][-3 if deep else 0:]
        parent = random.choice([*above, None])
        at = thread.created_at + timedelta(milliseconds=step // 2)
        posts.append(ForumPost(id=new_key(at), category_id=thread.category_id, thread=thread, author=author,
                               content=f"post {step}", parent_id=parent.pk if parent else None,
                               depth=parent.depth + 1 if parent else 0))
    for post in posts:
        post.reply_count = sum(reply.parent_id == post.pk for reply in posts)
    ForumPost.objects.bulk_create(posts[1:])
    posts[0].save(update_fields=["reply_count"])
    thread.last_post_at = max(post.created_at for post in posts)
    thread.post_count = len(posts)
    thread.save(update_fields=["last_post_at", "post_count"])
    return posts


def reference(posts: list[ForumPost], roots: list[ForumPost], width: int, room: int) -> Tree:
    """The same walk in Python: level by level, of each post the first `width`, until `room` are taken."""
    below = defaultdict(list)
    for post in sorted(posts, key=lambda post: (post.created_at, post.pk)):
        below[post.parent_id].append(post)
    taken: dict[Any, list[ForumPost]] = defaultdict(list)
    level = roots
    while level:
        for post in level:
            taken[post.pk] = below[post.pk][:min(width, room)]
            room -= len(taken[post.pk])
        level = [child for post in level for child in taken[post.pk]]

    def tree(post: ForumPost) -> Any:
        return post.pk, [tree(child) for child in taken[post.pk]], len(below[post.pk]) > len(taken[post.pk])

    return [tree(root) for root in roots]


def as_tree(posts: list[Any]) -> Tree:
    return [(post.pk, as_tree(post.replies), post.more_replies) for post in posts]


@pytest.mark.parametrize("seed", range(4))
def test_random_trees(thread: ForumThread, author: User, seed: int) -> None:
    random = Random(seed)
    posts = plant(thread, author, 120, random, deep=bool(seed % 2))
    for parent in [None, *random.sample(posts, 4)]:
        roots = list(posts_below(thread, parent)[:random.choice([1, 3, 50])])
        for width, room in [(20, 200), (2, 200), (20, 9), (3, 17), (1, 0), (5, 1)]:
            assert as_tree(grown(thread, roots, width, room)) == reference(posts, roots, width, room)


def test_a_chain_as_deep_as_may_be(thread: ForumThread, author: User) -> None:
    last = thread.posts.get()
    for _ in range(forum.DEEPEST):
        last = forum.reply(author, thread, "And?", last.pk)
    thread.refresh_from_db()
    shown = in_all(grown(thread, list(posts_below(thread, None))))
    assert [post.depth for post in shown] == list(range(forum.DEEPEST + 1))


def test_a_page_over_http(thread: ForumThread, author: User) -> None:
    first = thread.posts.get()
    replies = [forum.reply(make_user(name=f"Reader {number}"), thread, f"Reply {number}", first.pk)
               for number in range(22)]
    below = forum.reply(author, thread, "Thanks", replies[0].pk)
    forum.reply(author, thread, "A second subject")
    client = client_for(author)
    address = f"/api/v1/forum/threads/{thread.pk}/posts"
    page = client.get(f"{address}?limit=1").json()
    (shown,) = page["results"]
    assert (shown["id"], shown["more_replies"], len(shown["replies"])) == (str(first.pk), True, 20)
    assert shown["replies"][3]["author"]["name"] == "Reader 3"
    assert [reply["id"] for reply in shown["replies"][0]["replies"]] == [str(below.pk)]
    assert not shown["replies"][1]["more_replies"]
    assert client.get(page["next"]).json()["results"][0]["content"] == "A second subject"
    rest = client.get(f"{address}?parent={first.pk}&limit=21").json()
    assert rest["has_next"]
    assert [reply["content"] for reply in client.get(rest["next"]).json()["results"]] == ["Reply 21"]


def test_a_parent_of_another_thread_or_none_is_refused(thread: ForumThread, author: User) -> None:
    for wrong in (new_key(), "x"):
        answer = client_for(author).get(f"/api/v1/forum/threads/{thread.pk}/posts?parent={wrong}")
        assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "parent")


def test_an_empty_page(thread: ForumThread, author: User) -> None:
    answer = client_for(author).get(f"/api/v1/forum/threads/{thread.pk}/posts?parent={thread.posts.get().pk}")
    assert (answer.status_code, answer.json()["results"]) == (200, [])


def test_a_page_takes_a_constant_number_of_queries(thread: ForumThread, author: User) -> None:
    client = client_for(author)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/api/v1/forum/threads/{thread.pk}/posts").status_code == 200
        return len(captured)

    few = queries()
    plant(thread, author, 100, Random(1))
    assert queries() == few <= 6


@pytest.mark.parametrize("blocker", ["author", "reader"])
def test_what_people_say_who_block_each_other_is_hidden(thread: ForumThread, author: User, blocker: str) -> None:
    reader = make_user()
    other = forum.reply(make_user(), thread, "Slowly.", thread.posts.get().pk)
    pair = (author, reader) if blocker == "author" else (reader, author)
    Relationship.objects.create(from_user=pair[0], to_user=pair[1], type="BLOCK", status="ACCEPTED")
    client = client_for(reader)
    (shown,) = client.get(f"/api/v1/forum/threads/{thread.pk}/posts").json()["results"]
    assert (shown["hidden"], shown["content"]) == (True, None)
    assert [(each["hidden"], each["content"], each["id"]) for each in shown["replies"]] == [
        (False, "Slowly.", str(other.pk))]
    assert client.get(f"/api/v1/forum/posts/{shown['id']}").json()["content"] is None
    for listed in (client.get("/api/v1/forum/threads").json()["results"][0],
                   client.get("/api/v1/forum/threads/top").json()["results"][0],
                   client.get(f"/api/v1/forum/threads/{thread.pk}").json()):
        assert (listed["hidden"], listed["title"]) == (True, None)
    assert client_for(make_user()).get(f"/api/v1/forum/posts/{shown['id']}").json()["content"] is not None
