"""Editing and deleting one's posts."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from foodshare.db.keys import new_key
from foodshare.models import User
from groups.models import ForumPost, ForumThread
from groups.services import forum
from tests.factories import client_for, make_user

pytestmark = pytest.mark.django_db


def address(post: ForumPost) -> str:
    return f"/api/v1/forum/posts/{post.pk}"


def edit(user: User, post: ForumPost, **fields: Any) -> Any:
    return client_for(user).patch(address(post), {"content": "With honey"} | fields, format="json")


def delete(user: User, post: ForumPost) -> int:
    return int(client_for(user).delete(address(post)).status_code)


def aged(thread: ForumThread, author: User, **delta: float) -> ForumPost:
    """A post as old as told."""
    key = new_key(timezone.now() - timedelta(**delta))
    return ForumPost.objects.create(id=key, category_id=thread.category_id, thread=thread, author=author, content="Old")


def test_who_edits_too_often_waits(thread: ForumThread, author: User, settings: Settings) -> None:
    settings.POSTING_RATES = settings.POSTING_RATES | {"posts": "1/min"}
    assert [edit(author, thread.posts.get()).status_code for _ in range(2)] == [200, 429]


def test_the_author_edits(thread: ForumThread, author: User) -> None:
    post = thread.posts.get()
    answer = edit(author, post)
    assert (answer.status_code, answer.json()["content"]) == (200, "With honey")
    assert answer.json()["edited_at"] is not None
    assert client_for(author).get(address(post)).json() == answer.json()


def test_nobody_else_edits_or_deletes(thread: ForumThread) -> None:
    post = thread.posts.get()
    assert edit(make_user(), post).status_code == 403
    assert delete(make_user(), post) == 403
    assert thread.posts.get().content == "How do you bake yours?"


def test_a_post_is_edited_within_the_hour(thread: ForumThread, author: User) -> None:
    assert edit(author, aged(thread, author, minutes=59)).status_code == 200
    assert edit(author, aged(thread, author, minutes=61)).status_code == 409


def test_not_while_the_thread_is_locked(thread: ForumThread, author: User) -> None:
    forum.lock_thread(thread)
    assert edit(author, thread.posts.get()).status_code == 409


@pytest.mark.parametrize("fields", [{"content": ""}, {"content": None}, {"title": "x"}])
def test_a_wrong_change_is_named(thread: ForumThread, author: User, fields: dict[str, Any]) -> None:
    answer = edit(author, thread.posts.get(), **fields)
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, *fields)


def test_a_deleted_post_keeps_its_place(thread: ForumThread, author: User) -> None:
    post = forum.reply(author, thread, "Never mind")
    assert [delete(author, post), delete(author, post)] == [204, 204]
    shown = client_for(author).get(address(post)).json()
    assert (shown["deleted"], shown["content"]) == (True, None)
    assert ForumPost.objects.get(pk=post.pk).content == ""
    assert edit(author, post).status_code == 409
    thread.refresh_from_db()
    assert thread.post_count == 2


def test_the_first_post_stays_while_others_stand_below(thread: ForumThread, author: User) -> None:
    forum.reply(make_user(), thread, "Slowly.")
    assert delete(author, thread.posts.order_by("created_at")[0]) == 409
    assert thread.posts.filter(deleted_at=None).count() == 2


def test_a_threads_only_post_takes_the_thread_with_it(thread: ForumThread, author: User) -> None:
    post = thread.posts.get()
    assert delete(author, post) == 204
    assert not ForumThread.objects.exists()
    assert client_for(author).get(address(post)).status_code == 404


def test_a_moderator_removes_a_first_post(thread: ForumThread, author: User) -> None:
    forum.reply(make_user(), thread, "Slowly.")
    forum.remove_post(thread.posts.order_by("created_at")[0])
    assert thread.posts.order_by("created_at")[0].content == ""
