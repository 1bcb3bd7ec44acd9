"""The forum's top threads are kept, for everybody, until posts or threads change; what is hidden is asked for each."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from foodshare.db.lsn import LOOK
from foodshare.models import Relationship, User
from groups.models import ForumCategory, ForumPost, ForumThread
from groups.services import forum
from tests.cache.answers import loaded
from tests.cache.conftest import Cache
from tests.factories import client_for, make_user
from tests.forum_categories import forum_partitions, recipes
from tests.groups.feed.rows import block

__all__ = ["forum_partitions", "recipes"]
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
TOP = "/api/v1/forum/threads/top"


@dataclass
class Top:
    """What `reader` is shown of a thread by `author`."""

    cache: Cache
    thread: ForumThread
    reader: User
    author: User

    @cached_property
    def client(self) -> APIClient:
        return client_for(self.reader)

    @property
    def kept(self) -> Any:
        """The threads once they are kept: then only who is hidden from the reader is asked, and when that was."""
        self.cache.deliver()
        self.client.get(TOP)
        self.cache.deliver()
        with CaptureQueriesContext(connection) as queries:
            answer = self.client.get(TOP)
        assert all("relationships" in each["sql"] or each["sql"] == LOOK for each in queries.captured_queries)
        return answer.json()["results"]

    @property
    def shown(self) -> list[tuple[str, str | None, int, bool]]:
        return [(each["author"]["name"], each["title"], each["posts_this_week"], each["locked"]) for each in self.kept]


@pytest.fixture
def top(cache: Cache, recipes: ForumCategory) -> Top:
    author = make_user(name="Ada")
    found = Top(cache, forum.create_thread(author, recipes, "Rye", "How?"), make_user(), author)
    forum.reply(author, found.thread, "Like this.")
    assert found.shown == [("Ada", "Rye", 2, False)]
    return found


def post_many(top: Top) -> None:
    ForumPost.objects.bulk_create(ForumPost(category=top.thread.category, thread=top.thread, author=top.author,
                                            content="…") for _ in range(3))


WRITES: list[tuple[Callable[[Top], object], list[tuple[str, str | None, int, bool]]]] = [  # and what is shown then
    (lambda top: forum.reply(top.reader, top.thread, "Or like that."), [("Ada", "Rye", 3, False)]),
    (post_many, [("Ada", "Rye", 6, False)]),
    (lambda top: forum.remove_post(top.thread.posts.latest("created_at")), [("Ada", "Rye", 5, False)]),
    (lambda top: forum.lock_thread(top.thread), [("Ada", "Rye", 5, True)]),
    (lambda top: ForumThread.objects.update(title="Wheat"), [("Ada", "Wheat", 5, True)]),
    (lambda top: User.objects.filter(pk=top.author.pk).update(name="Grace"), [("Grace", "Wheat", 5, True)]),
    (lambda top: block(top.reader, top.author), [("Grace", None, 5, True)]),
    (lambda top: Relationship.objects.all().delete(), [("Grace", "Wheat", 5, True)]),
    (lambda top: block(top.author, top.reader), [("Grace", None, 5, True)]),
    (lambda top: connections["owner"].cursor().execute("DELETE FROM forum_posts"), []),
]


def test_it_changes_with_what_it_shows(top: Top) -> None:
    for number, (write, shown) in enumerate(WRITES):
        write(top)
        assert (number, top.shown) == (number, shown)


def test_a_category_is_told_by_its_new_slug(top: Top) -> None:
    assert top.kept[0]["category"] == "testrecipes"
    ForumCategory.objects.filter(pk=top.thread.category_id).update(slug="testbread")
    assert top.kept[0]["category"] == "testbread"


def test_what_is_hidden_from_one_is_not_from_others(top: Top) -> None:
    block(top.reader, top.author)
    assert [(each["hidden"], each["title"]) for each in top.kept] == [(True, None)]
    answer = client_for(make_user()).get(TOP).json()["results"]
    assert [(each["hidden"], each["title"]) for each in answer] == [(False, "Rye")]


def test_changing_a_text_leaves_it_alone(top: Top) -> None:
    forum.edit_post(top.author, top.thread.posts.select_related("thread").latest("created_at"), "Like so.")
    top.cache.deliver()
    assert top.cache.redis.hexists("feed:global:v1", "value")


def test_a_person_sees_at_once_what_they_post(top: Top) -> None:
    top.client.post(f"/api/v1/forum/threads/{top.thread.pk}/posts", {"content": "Or so."}, format="json")
    assert top.client.get(TOP).json()["results"][0]["posts_this_week"] == 3


def test_it_reads_as_it_does_without_the_cache(top: Top) -> None:
    assert top.kept == loaded(top.cache, top.client, TOP).json()["results"]


def test_of_one_category_it_is_not_kept(top: Top) -> None:
    top.kept  # noqa: B018 - so that it is
    forum.reply(top.author, top.thread, "Or so.")
    answer = top.client.get(f"{TOP}?category=testrecipes").json()["results"]
    assert answer[0]["posts_this_week"] == 3


def test_nobody_is_refused(top: Top) -> None:
    assert client_for().get(TOP).status_code == 401
    assert top.client.get(f"{TOP}?color=red").status_code == 400
