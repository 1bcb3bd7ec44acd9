"""Threads: begun with their first post, listed by their latest."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foodshare.models import User
from groups.models import ForumCategory, ForumPost, ForumThread
from groups.services import forum
from tests.factories import client_for, make_user

pytestmark = pytest.mark.django_db
THREADS = "/api/v1/forum/threads"


def begin(user: User, **fields: Any) -> Any:
    body = {"category": "testrecipes", "title": "Rye bread", "content": "How?"} | fields
    return client_for(user).post(THREADS, body, format="json")


def test_one_begins_with_its_first_post(recipes: ForumCategory, author: User) -> None:
    answer = begin(author)
    assert answer.status_code == 201
    shown = answer.json()
    assert shown["author"]["name"] == "Ada"
    assert (shown["category"], shown["title"], shown["post_count"]) == ("testrecipes", "Rye bread", 1)
    assert (shown["locked"], shown["hidden"]) == (False, False)
    post = ForumPost.objects.get(thread=shown["id"])
    thread = ForumThread.objects.get(pk=shown["id"])
    assert (post.content, post.depth, post.category_id) == ("How?", 0, recipes.pk)
    assert post.created_at == thread.created_at == thread.last_post_at


def test_a_category_that_is_not_open_takes_none(author: User) -> None:
    ForumCategory.objects.create(slug="waiting", name="Waiting")
    answer = begin(author, category="waiting")
    assert answer.status_code == 409
    assert not ForumThread.objects.exists()


@pytest.mark.parametrize("fields", [
    {"category": "none"}, {"category": 7}, {"title": " "}, {"title": "x" * 201}, {"content": "\u200b"},
    {"content": "x" * 10_001}, {"pinned": True},
])
def test_a_wrong_field_is_named(recipes: ForumCategory, author: User, fields: dict[str, Any]) -> None:
    answer = begin(author, **fields)
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, *fields)


def test_the_pending_see_and_begin_nothing(thread: ForumThread) -> None:
    client = client_for(make_user("neighborhood"))
    for path in (THREADS, "/api/v1/forum/categories", f"{THREADS}/{thread.pk}", f"{THREADS}/{thread.pk}/posts",
                 f"{THREADS}/top", f"/api/v1/forum/posts/{thread.posts.get().pk}"):
        assert client.get(path).status_code == 403, path
    assert client.post(THREADS, {}, format="json").status_code == 403


def test_those_with_the_latest_posts_come_first(recipes: ForumCategory, tools: ForumCategory, author: User) -> None:
    first, second = (forum.create_thread(author, recipes, title, "…") for title in ("first", "second"))
    other = forum.create_thread(author, tools, "third", "…")
    forum.reply(author, first, "Once more")
    client = client_for(author)

    def listed(query: str) -> list[str]:
        return [each["id"] for each in client.get(f"{THREADS}?{query}").json()["results"]]

    assert listed("") == [str(each.pk) for each in (first, other, second)]
    assert listed("category=testrecipes") == [str(first.pk), str(second.pk)]
    page = client.get(f"{THREADS}?limit=2").json()
    assert [each["id"] for each in client.get(page["next"]).json()["results"]] == [str(second.pk)]


def test_an_unknown_category_or_parameter_is_refused(author: User) -> None:
    for query in ("category=none", "categry=x"):
        for path in (THREADS, f"{THREADS}/top"):
            assert client_for(author).get(f"{path}?{query}").status_code == 400


def test_a_list_takes_a_constant_number_of_queries(recipes: ForumCategory, author: User) -> None:
    client = client_for(author)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"{THREADS}?category=testrecipes").status_code == 200
        return len(captured)

    for _ in range(2):
        forum.create_thread(make_user(), recipes, "Bread", "…")
    few = queries()
    for _ in range(10):
        forum.create_thread(make_user(), recipes, "Bread", "…")
    assert queries() == few <= 6


def test_categories_are_listed_in_their_order(recipes: ForumCategory, author: User) -> None:
    ForumCategory.objects.create(slug="waiting", name="Waiting", position=-1)
    listed = client_for(author).get("/api/v1/forum/categories").json()["results"]
    assert [(each["slug"], each["is_open"]) for each in listed] == [("waiting", False), ("testrecipes", True)]
