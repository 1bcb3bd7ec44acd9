"""The first page of a person's feed is kept until they or their friends change what it shows."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest
from django.db import connections
from rest_framework.test import APIClient

from foodshare.models import Relationship, User
from groups.models import StatusUpdate
from tests.cache.answers import kept, loaded
from tests.cache.conftest import Cache
from tests.factories import client_for, make_user
from tests.groups.feed.rows import befriend, block

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
FEED = "/api/v1/feed"


@dataclass
class Feed:
    """What `reader` is shown of a friend's status updates."""

    cache: Cache
    reader: User
    friend: User

    @cached_property
    def client(self) -> APIClient:
        return client_for(self.reader)

    def tell(self, content: str) -> StatusUpdate:
        return StatusUpdate.objects.create(author=self.friend, content=content)

    @property
    def kept(self) -> Any:
        return kept(self.cache, self.client, FEED).json()

    @property
    def shown(self) -> list[tuple[str, str]]:
        """Author and content of each, as kept."""
        return [(each["author"]["name"], each["content"]) for each in self.kept["results"]]


@pytest.fixture
def feed(cache: Cache) -> Feed:
    found = Feed(cache, make_user(name="Ada"), make_user(name="Grace"))
    befriend(found.reader, [found.friend])
    found.tell("Soup!")
    assert found.shown == [("Grace", "Soup!")]
    return found


def raw(statement: str) -> None:
    connections["owner"].cursor().execute(statement)


WRITES: list[tuple[Callable[[Feed], object], list[tuple[str, str]]]] = [  # and what is shown then
    (lambda feed: feed.tell("Bread!"), [("Grace", "Bread!"), ("Grace", "Soup!")]),
    (lambda feed: StatusUpdate.objects.update(content="Stew!"), [("Grace", "Stew!"), ("Grace", "Stew!")]),
    (lambda feed: StatusUpdate.objects.all().delete(), []),
    (lambda feed: StatusUpdate.objects.bulk_create([StatusUpdate(author=feed.friend, content="Cake!")]),
     [("Grace", "Cake!")]),
    (lambda feed: raw("UPDATE status_updates SET content = 'Pie!'"), [("Grace", "Pie!")]),
    (lambda feed: User.objects.filter(pk=feed.friend.pk).update(name="Hopper"), [("Hopper", "Pie!")]),
    (lambda feed: block(feed.friend, feed.reader), []),
    (lambda feed: Relationship.objects.filter(type="BLOCK").delete(), [("Hopper", "Pie!")]),
    (lambda feed: Relationship.objects.all().delete(), []),
]


def test_it_changes_with_what_it_shows(feed: Feed) -> None:
    for number, (write, shown) in enumerate(WRITES):
        write(feed)
        assert (number, feed.shown) == (number, shown)


def test_a_new_friend_brings_theirs(feed: Feed) -> None:
    other = make_user(name="Mary")
    StatusUpdate.objects.create(author=other, content="Cake!")
    assert feed.shown == [("Grace", "Soup!")]
    befriend(feed.reader, [other])
    assert feed.shown == [("Mary", "Cake!"), ("Grace", "Soup!")]


def test_strangers_leave_it_alone(feed: Feed) -> None:
    StatusUpdate.objects.create(author=make_user(), content="Cake!")
    feed.cache.deliver()
    assert feed.cache.redis.hexists(f"feed:user:{{{feed.reader.pk}}}", "value")


def test_a_person_sees_at_once_what_they_tell(feed: Feed) -> None:
    feed.client.post("/api/v1/status-updates", {"content": "Bread!"}, format="json")
    assert feed.client.get(FEED).json()["results"][0]["content"] == "Bread!"


def test_it_reads_as_it_does_without_the_cache(feed: Feed) -> None:
    for number in range(25):
        feed.tell(f"Soup {number}!")
    assert feed.kept == loaded(feed.cache, feed.client, FEED).json()


def test_its_link_leads_on(feed: Feed) -> None:
    for number in range(25):
        feed.tell(f"Soup {number}!")
    first = feed.kept
    rest = feed.client.get(first["next"]).json()
    assert first["next"].startswith("http://testserver/api/v1/feed?cursor=")
    assert [len(first["results"]), len(rest["results"]), rest["has_next"]] == [20, 6, False]
    assert not {each["id"] for each in first["results"]} & {each["id"] for each in rest["results"]}


def test_unknown_parameters_are_refused(feed: Feed) -> None:
    assert feed.client.get(f"{FEED}?color=red").status_code == 400


def test_it_is_nobody_elses(feed: Feed) -> None:
    assert kept(feed.cache, client_for(make_user()), FEED).json()["results"] == []
    assert client_for().get(FEED).status_code == 401
