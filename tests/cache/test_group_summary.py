"""A group's summary is kept until the group, its ratings or the materialized view change."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import uuid4

import orjson
import pytest
from django.db import connections
from rest_framework.test import APIClient

from foodshare.cache import store
from foodshare.cache.keys import GROUP_SUMMARY
from foodshare.models import Exchange, ExchangeStatus, FoodPost, Rating
from groups.models import CommunityGroup, MemberRole
from groups.summary import refresh
from groups.summary_swap import swap
from tests.cache.answers import kept, loaded
from tests.cache.conftest import Cache
from tests.factories import client_for, later, make_exchange, make_group, make_member, make_post, make_rating, make_user

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@dataclass
class Summary:
    """What a stranger is shown of a group with one member, its admin."""

    cache: Cache
    group: CommunityGroup

    @cached_property
    def client(self) -> APIClient:
        return client_for(make_user())

    @property
    def path(self) -> str:
        return f"/api/v1/groups/{self.group.pk}/summary"

    @property
    def kept(self) -> Any:
        return kept(self.cache, self.client, self.path).json()

    @property
    def in_store(self) -> Any:
        """What Valkey has, whatever is delivered."""
        found = store.read(GROUP_SUMMARY.key(self.group.pk))
        return found and orjson.loads(found.value)


@pytest.fixture
def summary(cache: Cache) -> Summary:
    group = make_group(city="Leipzig")
    make_member(group, role=MemberRole.ADMIN)
    return Summary(cache, group)


def rate_thrice(group: CommunityGroup, **fields: Any) -> None:
    giver = make_member(group)
    for _ in range(3):
        exchange = make_exchange(make_post(giver, group), status=ExchangeStatus.COMPLETED, completed_at=later())
        make_rating(exchange, stars=5, **fields)


CITIES: list[tuple[str, Callable[[CommunityGroup], object]]] = [
    ("Halle", lambda group: CommunityGroup.objects.filter(pk=group.pk).update(city="Halle")),
    ("Jena", lambda group: CommunityGroup.objects.bulk_update([CommunityGroup(pk=group.pk, city="Jena")], ["city"])),
    ("Gera", lambda group: connections["owner"].cursor().execute("UPDATE community_groups SET city = 'Gera'")),
]


def test_it_changes_with_the_group(summary: Summary) -> None:
    assert summary.kept["city"] == "Leipzig"
    for city, write in CITIES:
        write(summary.group)
        assert summary.kept["city"] == city


def test_it_changes_with_a_refresh(summary: Summary) -> None:
    make_post(make_member(summary.group), summary.group)
    assert not summary.kept["refreshed"]
    refresh(connections["owner"])
    assert [summary.kept[name] for name in ("refreshed", "food_posts_30d")] == [True, 1]


def test_it_changes_with_a_swap(summary: Summary) -> None:
    assert not summary.kept["refreshed"]
    assert swap(connections["owner"], "aggregated")
    try:
        assert summary.kept["refreshed"]
    finally:
        swap(connections["owner"], "exact")




AVERAGES: list[tuple[str | None, Callable[[], object]]] = [
    (None, lambda: None),
    ("4.38", lambda: Rating.objects.update(revealed_at=later())),
    ("2.88", lambda: Rating.objects.update(stars=1)),
    (None, lambda: Exchange.objects.update(status=ExchangeStatus.DISPUTED)),
    ("2.88", lambda: Exchange.objects.update(status=ExchangeStatus.COMPLETED)),
    (None, lambda: Rating.objects.all().delete()),
]


def test_it_changes_with_the_ratings(summary: Summary) -> None:
    rate_thrice(summary.group, revealed_at=None)
    refresh(connections["owner"])
    for number, (average, write) in enumerate(AVERAGES):
        write()
        assert (number, summary.kept["avg_rating"]) == (number, average)


def test_it_changes_when_all_of_an_exchange_goes(summary: Summary) -> None:
    rate_thrice(summary.group)
    refresh(connections["owner"])
    assert summary.kept["avg_rating"] == "4.38"
    for model in (Rating, Exchange, FoodPost):
        model._default_manager.all().delete()
    assert summary.kept["avg_rating"] is None


def test_what_an_exchange_without_ratings_does_leaves_it_alone(summary: Summary) -> None:
    exchange = make_exchange(make_post(make_member(summary.group), summary.group), status=ExchangeStatus.CONFIRMED)
    assert summary.kept["avg_rating"] is None
    Exchange.objects.filter(pk=exchange.pk).update(status=ExchangeStatus.COMPLETED)
    summary.cache.deliver()
    assert summary.in_store is not None


def test_it_is_right_in_the_store_when_a_change_is_answered(summary: Summary) -> None:
    assert summary.kept["member_count"] == 1
    member = client_for(make_user())
    assert member.post(f"/api/v1/groups/{summary.group.pk}/join").status_code == 201
    assert summary.in_store["member_count"] == 2
    admin = client_for(summary.group.memberships.get(role=MemberRole.ADMIN).user)
    assert admin.patch(f"/api/v1/groups/{summary.group.pk}", {"name": "Bakers"}, format="json").status_code == 200
    assert summary.in_store["group_name"] == "Bakers"
    assert member.get(summary.path).json()["group_name"] == "Bakers"


def test_a_group_that_is_not_there_is_kept_too(summary: Summary) -> None:
    key = uuid4()
    path = f"/api/v1/groups/{key}/summary"
    assert kept(summary.cache, summary.client, path).status_code == 404
    make_group(id=key)
    assert kept(summary.cache, summary.client, path).status_code == 200


def test_it_reads_as_it_does_without_the_cache(summary: Summary) -> None:
    assert summary.kept == loaded(summary.cache, summary.client, summary.path).json()


def test_nobody_is_refused(summary: Summary) -> None:
    assert client_for().get(summary.path).status_code == 401
