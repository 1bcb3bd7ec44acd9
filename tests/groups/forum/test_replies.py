"""Posts and replies: what a thread takes, and from whom."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django import Settings

from foodshare.db.keys import new_key
from foodshare.models import Relationship, User
from groups.models import ForumCategory, ForumPost, ForumThread
from groups.services import forum
from tests.factories import client_for, make_user

pytestmark = pytest.mark.django_db


def post(user: User, thread: ForumThread, **fields: Any) -> Any:
    return client_for(user).post(f"/api/v1/forum/threads/{thread.pk}/posts", {"content": "Slowly."} | fields,
                                 format="json")


def test_a_post_counts(thread: ForumThread) -> None:
    answer = post(make_user(name="Ben"), thread)
    assert answer.status_code == 201
    shown = answer.json()
    assert (shown["content"], shown["author"]["name"], shown["parent"], shown["depth"]) == ("Slowly.", "Ben", None, 0)
    thread.refresh_from_db()
    assert thread.post_count == 2
    assert thread.last_post_at == ForumPost.objects.get(pk=shown["id"]).created_at


def test_a_reply_stands_below_its_parent(thread: ForumThread, author: User) -> None:
    parent = thread.posts.get()
    shown = post(author, thread, parent=str(parent.pk)).json()
    assert (shown["parent"], shown["depth"]) == (str(parent.pk), 1)
    assert list(thread.posts.order_by("depth").values_list("reply_count", flat=True)) == [1, 0]


def test_a_post_is_never_older_than_what_it_replies_to(thread: ForumThread, author: User) -> None:
    """The clock of the server that takes the reply may be behind."""
    later = thread.created_at + timedelta(minutes=5)
    parent = ForumPost.objects.create(id=new_key(later), category_id=thread.category_id, thread=thread, author=author,
                                      content="From the future")
    assert forum.reply(author, thread, "…", parent.pk).created_at >= later
    thread.refresh_from_db()
    assert thread.last_post_at >= later


def test_replies_end_at_a_depth(thread: ForumThread, author: User) -> None:
    last = thread.posts.get()
    for _ in range(forum.DEEPEST):
        last = forum.reply(author, thread, "And?", last.pk)
    assert last.depth == forum.DEEPEST
    answer = post(author, thread, parent=str(last.pk))
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "parent")
    assert "8 levels" in answer.json()["errors"][0]["detail"]


def test_a_parent_is_of_the_same_thread(thread: ForumThread, recipes: ForumCategory, author: User) -> None:
    other = forum.create_thread(author, recipes, "Cake", "…").posts.get()
    for key in (other.pk, uuid4(), new_key()):
        answer = post(author, thread, parent=str(key))
        assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "parent")
    thread.refresh_from_db()
    assert thread.post_count == 1


def test_nobody_replies_to_a_deleted_post(thread: ForumThread, author: User) -> None:
    parent = forum.reply(author, thread, "Never mind")
    forum.delete_post(author, parent)
    assert post(author, thread, parent=str(parent.pk)).status_code == 409


@pytest.mark.parametrize("blocker", ["author", "reader"])
def test_a_block_stops_replies_not_posts(thread: ForumThread, author: User, blocker: str) -> None:
    reader = make_user()
    pair = (author, reader) if blocker == "author" else (reader, author)
    Relationship.objects.create(from_user=pair[0], to_user=pair[1], type="BLOCK", status="ACCEPTED")
    assert post(reader, thread, parent=str(thread.posts.get().pk)).status_code == 403
    assert post(reader, thread).status_code == 201


def test_a_locked_thread_takes_none(thread: ForumThread, author: User) -> None:
    forum.lock_thread(thread)
    assert post(author, thread).status_code == 409
    assert thread.posts.count() == 1
    forum.unlock_thread(thread)
    assert post(author, thread).status_code == 201


def test_a_thread_that_is_not_there_takes_none(author: User) -> None:
    assert post(author, ForumThread(pk=uuid4())).status_code == 404


def test_posting_is_throttled(thread: ForumThread, settings: Settings) -> None:
    settings.POSTING_RATES = settings.POSTING_RATES | {"posts": "2/min"}
    person = make_user()
    assert [post(person, thread).status_code for _ in range(3)] == [201, 201, 429]
    assert post(make_user(), thread).status_code == 201


def test_a_post_without_a_partition_would_be_refused(thread: ForumThread, author: User) -> None:
    """The premise of opening: nothing takes what no partition is for."""
    with pytest.raises(IntegrityError, match="no partition"), transaction.atomic():
        ForumPost.objects.create(category_id=905, thread=thread, author=author, content="…")


def test_what_has_no_partition_is_told_to_be_the_operators_matter(author: User) -> None:
    bare = ForumCategory.objects.create(id=905, slug="bare", name="Bare", opened_at=timezone.now())
    given = {"category": bare.slug, "title": "Rye", "content": "Slowly."}
    answer = client_for(author).post("/api/v1/forum/threads", given, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (503, "unavailable")
    assert "operators" in answer.json()["errors"][0]["detail"]
    assert int(answer.headers["Retry-After"]) > 60
    assert not ForumThread.objects.filter(category=bare).exists()
